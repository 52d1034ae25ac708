import { type Kind, PASSES } from './log-event-kind.js';

/** What happens to messages, and to what carries them. */
export const DELIVERY_LOG_EVENTS = {
  // The database
  'database.unreachable': {
    level: 'warn',
    meaning: 'A request could not reach the database, and was answered 503. Told once a second at most.',
    act: `${PASSES}See whether PostgreSQL runs, can be reached, and has connections left.`,
  },
  'database.adopted': {
    level: 'info',
    meaning: 'The rows of a table were restored from another database, and are adopted.',
    act: '',
  },
  'inbox.unreadable': {
    level: 'warn',
    meaning:
      "Messages can't be read for those who are connected. It is tried again; nothing is lost, but they are late.",
    act: `${PASSES}See whether the database answers.`,
  },
  'message.unframed': {
    level: 'error',
    meaning:
      'The frame encoder that the team has put in failed at this message. It stays PENDING and is tried again every `RECONCILE_INTERVAL`; others go through.',
    act: 'Mend the encoder.',
  },
  'opening.blind': {
    level: 'warn',
    meaning: 'A connection opened while the database did not answer. It gets what is `PENDING` later.',
    act: `${PASSES}See whether the database answers.`,
  },
  'proofs.unrecorded': {
    level: 'warn',
    meaning:
      'Proofs could not be recorded. They are tried again; at the end of the process, they are lost, and the messages sent again.',
    act: `${PASSES}See whether the database answers.`,
  },
  'token.unreadable': {
    level: 'error',
    meaning: 'The strategy for tokens that the team has put in threw instead of reading one. Its bearer was refused.',
    act: 'Mend the strategy: it gives null for what it did not make.',
  },
  'revocations.unreadable': {
    level: 'warn',
    meaning: "What was revoked can't be read; what is known holds. Told once until it can.",
    act: `${PASSES}Until then a new revocation has no effect on this node.`,
  },
  'revocations.untold': {
    level: 'warn',
    meaning: 'The nodes could not be told of a revocation, and find it themselves within 5 s.',
    act: '',
  },

  // Queue, relay, Redis
  'queue.down': {
    level: 'warn',
    meaning:
      'The queue takes no events. Recipients of this node are served; others wait for the reconciler. Told once until it does.',
    act: 'See whether Redis, or without one the database, answers.',
  },
  'queue.error': {
    level: 'warn',
    meaning: "The queue's connection or its worker tells of an error. The same one is told once in 10 s.",
    act: 'As for `queue.down`.',
  },
  'queue.unscheduled': {
    level: 'warn',
    meaning: 'The schedules of expiry and retention could not be written. Tried again in 30 s.',
    act: 'As for `queue.down`.',
  },
  'job.failed': {
    level: 'warn',
    meaning: 'A job of the queue failed. It is tried six times in half a minute or more; the reconciler does the rest.',
    act: `${PASSES}Else see the error: mostly the database or the relay is away.`,
  },
  'relay.down': {
    level: 'warn',
    meaning: "Signals from other nodes don't come, or this node's don't go. The reconciler stands in for them.",
    act: 'See whether Redis, or without one the database, answers. Messages from other nodes are late by `RECONCILE_INTERVAL` at most.',
  },
  'redis.down': {
    level: 'warn',
    meaning: 'A connection to Redis was lost, and is made again. Told once until it is.',
    act: 'See whether Redis runs and can be reached.',
  },

  // Handlers of domain events
  'handler.failed': {
    level: 'warn',
    meaning: 'A handler of domain events failed. A durable one is tried again. The same is told once in 10 s.',
    act: 'Mend the handler: the error is its own.',
  },
  'handler.gave-up': {
    level: 'error',
    meaning:
      'A durable handler failed as often as its `attempts`. The event is kept among the failed jobs of its queue. Told once in 10 s.',
    act: 'Mend the handler; then try the job again on the admin pages.',
  },
  'handler.overrun': {
    level: 'warn',
    meaning: 'A live handler has 10,000 events to handle and misses what comes. Told once in 10 s.',
    act: 'Make it faster, see whether it hangs, or make it durable.',
  },
  'outbox.stuck': {
    level: 'warn',
    meaning:
      'Events for durable handlers can not be moved to their queues, and wait in the outbox. Told once until they can.',
    act: `${PASSES}See whether the database and Redis answer.`,
  },
  'outbox.lost': {
    level: 'warn',
    meaning:
      'Durable handlers are not told of connections that came or went, since the database did not take it. Told once in 10 s.',
    act: `${PASSES}See whether the database answers.`,
  },

  // A connection
  'connection.opened': {
    level: 'debug',
    meaning: 'A recipient connected. `connection` is the request id of its upgrade.',
    act: '',
  },
  'connection.closed': { level: 'debug', meaning: 'It is gone, and its close code.', act: '' },
  'connection.failed': { level: 'debug', meaning: 'A client broke the protocol, or its network broke.', act: '' },
  'connection.silent': { level: 'debug', meaning: 'It was ended, since its peer did not answer pings.', act: '' },
  'connection.stalled': { level: 'debug', meaning: 'It was cut off, since its consumer does not read.', act: '' },
  'websockets.failed': { level: 'error', meaning: 'The WebSocket server itself failed.', act: 'Report it.' },

  // The way of a message
  'push.stored': {
    level: 'debug',
    meaning: 'A push is durable: its `requestId`, its transaction (`txid`), and `messageIds`, the first hundred.',
    act: '',
  },
  'push.announced': {
    level: 'debug',
    meaning: 'The worker of the queue told the nodes of pushes that wait for their recipients.',
    act: '',
  },
  'push.heard': {
    level: 'debug',
    meaning: 'This node heard of a push, and wakes the connections that it is for.',
    act: '',
  },
  'frame.written': {
    level: 'debug',
    meaning: 'A message was written to a connection. `requestIds` are those of the pushes that its transaction stored.',
    act: '',
  },
  'message.proven': { level: 'debug', meaning: 'A pong proved that the message has arrived.', act: '' },
  'proofs.recorded': { level: 'debug', meaning: 'The worker recorded so many proofs.', act: '' },
} as const satisfies Record<string, Kind>;
