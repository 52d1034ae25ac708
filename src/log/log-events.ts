/** How severe a line is, from the least. `LOG_LEVEL` names the least severe one that is written. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a kind of line says to whoever reads it. */
interface Kind {
  readonly level: LogLevel;
  readonly meaning: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly act: string;
}

const PASSES = 'Nothing, if it ends by itself. ';

/** Every event that the log tells of, by its stable name. The table in `docs/operations.md` is written from it. */
export const LOG_EVENTS = {
  // The process
  'service.starting': { level: 'info', meaning: 'A step of the start that may take a while.', act: '' },
  'service.listening': { level: 'info', meaning: 'The service takes requests at this address.', act: '' },
  'service.keyless': {
    level: 'info',
    meaning:
      'There is no access key yet, and a log must hold none: unlike a start for people to read, this one made none.',
    act: 'Make one: `npm run cli -- access-key create`, or `npx homing access-key create`.',
  },
  'service.stopping': { level: 'info', meaning: 'A signal was heard. The node drains.', act: '' },
  'service.stopped': { level: 'info', meaning: 'Everything has ended in order.', act: '' },
  'service.stop-timeout': {
    level: 'error',
    meaning:
      'What was under way did not end within `STOP_TIMEOUT`; the process ended all the same. Nothing acknowledged is lost. This line goes to standard error.',
    act: 'See what hung before: mostly the database. A longer `STOP_TIMEOUT` if it was only slow.',
  },
  'service.failed': {
    level: 'fatal',
    meaning: "The service can't start, and why. This line goes to standard error.",
    act: 'Mend what it names: a setting, the port, the database.',
  },
  'process.crashed': {
    level: 'fatal',
    meaning:
      'Something went wrong that nobody expected, and the process ended with 1. This line goes to standard error.',
    act: 'Whoever runs it starts it anew, and nothing acknowledged is lost. Report it with its stack.',
  },
  'process.replaced': {
    level: 'warn',
    meaning: 'One of the `PROCESSES` ended, and another is started.',
    act: 'See its last lines (`pid`), and whether the machine ran out of memory.',
  },
  'process.warning': {
    level: 'warn',
    meaning: 'A warning of Node.js.',
    act: 'Report it, if it comes again and again.',
  },
  'library.said': {
    level: 'warn',
    meaning: 'A library wrote to the console.',
    act: 'Read it: mostly advice on how Redis or PostgreSQL is set up.',
  },
  'debug.ignored': {
    level: 'warn',
    meaning: 'The variable `DEBUG` is set. It is ignored: what libraries print for it holds passwords and texts.',
    act: 'Take it away; use `LOG_LEVEL=debug`.',
  },
  'log.dropped': {
    level: 'warn',
    meaning: 'Whoever reads the log was too slow: this many lines did not fit into `LOG_BUFFER` and were dropped.',
    act: 'See to the reader of standard output, or write less.',
  },

  // The admin pages
  'admin.password-made': {
    level: 'info',
    meaning:
      'A password of the admin pages was made, since none is set in development, and is kept in this file. A log must not hold it.',
    act: 'Read it there, or set `ADMIN_PASSWORD`.',
  },
  'admin.off': {
    level: 'warn',
    meaning: 'There are no admin pages: no `ADMIN_PASSWORD` is set, and one that was made could not be kept.',
    act: 'Set `ADMIN_PASSWORD`, or mend `DATA_DIR`.',
  },
  'admin.entered': { level: 'info', meaning: 'Somebody logged in to the admin pages, from this address.', act: '' },
  'admin.wrong-password': {
    level: 'warn',
    meaning: 'A login to the admin pages had a wrong password. Told once a second at most.',
    act: 'Find out who it is, if it comes again.',
  },
  'admin.guessed': {
    level: 'warn',
    meaning:
      'After too many wrong passwords logins from this address are refused for a while (`ADMIN_LOGIN_RATE`). Told once a minute.',
    act: 'Find out who it is. Let nobody from outside reach `/admin`.',
  },
  'admin.acted': {
    level: 'info',
    meaning: 'Jobs of the queue were tried again or deleted on the admin pages; `path` says which.',
    act: '',
  },
  'admin.failed': {
    level: 'warn',
    meaning: 'An admin page could not be shown. Told once a minute.',
    act: `${PASSES}See whether the database answers.`,
  },
  'node.unreported': {
    level: 'warn',
    meaning: 'The admin pages are not told of this node, which serves all the same. Told once a minute.',
    act: `${PASSES}See whether the database answers.`,
  },
  'lookup.unanswered': {
    level: 'warn',
    meaning: 'This node could not answer what the admin pages asked about a recipient.',
    act: `${PASSES}See whether the database answers.`,
  },

  // What callers meet
  'request.failed': {
    level: 'error',
    meaning: 'A request met a fault of ours. Its caller was told this `requestId`.',
    act: 'Report it with its stack.',
  },
  'request.unavailable': {
    level: 'debug',
    meaning: 'A request was answered 503, since the database could not be reached.',
    act: '',
  },
  'upgrade.refused': { level: 'debug', meaning: 'A WebSocket was refused, and with which status.', act: '' },
  'keys.guessed': {
    level: 'warn',
    meaning:
      'Requests from this address bear access keys that are not valid, and are refused for a while. Told once a minute.',
    act: 'Find out who it is: a backend with an old key, or somebody who guesses.',
  },
  'keys.unreadable': {
    level: 'warn',
    meaning: 'An access key could not be read, so that a request was answered 503. Told once a second at most.',
    act: `${PASSES}See whether the database answers.`,
  },
  'keys.unnoted': { level: 'warn', meaning: 'The last use of an access key could not be noted.', act: PASSES.trim() },
  'certificate.renewed': { level: 'info', meaning: 'The certificate was taken up anew.', act: '' },
  'certificate.kept': {
    level: 'warn',
    meaning: "The changed certificate can't be used; that of before stays in use.",
    act: 'Mend `TLS_CERT_FILE` and `TLS_KEY_FILE` before the old one expires.',
  },
  'metrics.unserved': {
    level: 'error',
    meaning:
      "Metrics can't be served on `METRICS_PORT`. It is tried again every 5 s; the service delivers without them.",
    act: 'Mend what it names: mostly another program has the port.',
  },
  'metrics.unreadable': {
    level: 'warn',
    meaning: 'What was counted could not be written for who asked.',
    act: 'Report it.',
  },

  'traces.on': { level: 'info', meaning: 'Traces are on, and where spans go.', act: '' },
  'traces.off': {
    level: 'error',
    meaning: 'Traces are asked for and could not be switched on. The service delivers without them.',
    act: 'Mend what it names.',
  },
  'traces.mistaken': {
    level: 'warn',
    meaning: 'A variable `OTEL_*` asks for what this service does not have, and what it does instead.',
    act: 'Mend the variable: see [Traces](#traces).',
  },
  'traces.unexported': {
    level: 'warn',
    meaning:
      'Spans could not be handed to the collector, and are dropped. Told once until some are; the service delivers without them.',
    act: 'See whether the collector runs, and `OTEL_EXPORTER_OTLP_ENDPOINT` and `OTEL_EXPORTER_OTLP_HEADERS`.',
  },
  'trace.span': {
    level: 'info',
    meaning: 'A span, where `OTEL_TRACES_EXPORTER` is `console`.',
    act: '',
  },

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
    meaning: 'A job of the queue failed. It is tried six times in about a minute; the reconciler does the rest.',
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

/** The name of an event of the log. */
export type LogEvent = keyof typeof LOG_EVENTS;
