import { Injectable } from '@nestjs/common';
import { Counter } from './counter.js';
import { counterSample, type Family, histogramSamples } from './family.js';
import { Histogram } from './histogram.js';
import { Labelled, type Labels } from './labelled.js';

/** Seconds from a push to its proof or frame: a fast network and a quick client on one end, a phone that was off for days on the other. */
export const DELIVERY_BOUNDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600, 86_400,
] as const;
/** Seconds that work of the service takes. */
const WORK_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Connections that a global message is written to. */
const CONNECTIONS_BOUNDS = [0, 1, 10, 100, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000];

/** To whom a message was pushed: to recipients by name, or to all of a tenant. */
export type MessageKind = 'recipient' | 'global';
const KINDS = ['recipient', 'global'] as const;

/** Why a connection ended: a close code of ours, by its name, or one of the others. */
export type ClosedBecause =
  | 'flood'
  | 'restart'
  | 'token_expired'
  | 'token_revoked'
  /** It did not answer a ping. */
  | 'no_pong'
  /** It reads or proves too little of what it is sent. */
  | 'slow_consumer'
  /** Its client, or the network. */
  | 'client';
const REASONS: readonly ClosedBecause[] = [
  'flood',
  'restart',
  'token_expired',
  'token_revoked',
  'no_pong',
  'slow_consumer',
  'client',
];

/** Numbers by the values of a label; none when they are not known. */
export type Readings = Readonly<Record<string, number>>;

/**
 * What this process counts, from its start. Counting is adding to a number; whoever wants to know reads it. Nothing here knows of
 * Prometheus but the names. What can be looked up when it is asked for is a gauge, and belongs to who knows it.
 */
@Injectable()
export class Metrics {
  private readonly known: Family[] = [];

  // Connections
  readonly connectionsAccepted = this.counter(
    'homing_connections_accepted_total',
    'WebSocket connections of recipients that were let in.',
  );
  readonly connectionsClosed = byName(
    REASONS,
    'reason',
    this.counters<'reason'>('homing_connections_closed_total', 'Connections that ended, by who or what ended them.'),
  );
  readonly upgradesRefused = this.counters<'reason'>(
    'homing_upgrades_refused_total',
    'WebSocket upgrades that were refused, by reason.',
  );
  readonly connectionErrors = this.counter(
    'homing_connection_errors_total',
    'Open connections whose client broke the WebSocket protocol, or whose network failed.',
  );
  readonly pings = this.counter('homing_pings_sent_total', 'Pings that were sent, behind messages and as heartbeats.');
  readonly pongs = this.counter('homing_pongs_received_total', 'Pongs that answered a ping that was waited for.');
  readonly inboundFrames = this.counter(
    'homing_inbound_frames_total',
    'Frames of clients that are no answer to a ping, and are ignored.',
  );

  // Messages
  readonly messagesPushed = byName(
    KINDS,
    'kind',
    this.counters<'kind'>('homing_messages_pushed_total', 'Messages that were stored, one for each recipient.'),
  );
  readonly messagesSent = byName(
    KINDS,
    'kind',
    this.counters<'kind'>('homing_messages_sent_total', 'Messages that were written to connections, repeats included.'),
  );
  readonly messagesExpired = this.counter(
    'homing_messages_expired_total',
    'Messages to recipients that expired before they were proven.',
  );
  readonly messagesRemoved = this.counter(
    'homing_messages_removed_total',
    'Messages to recipients that were removed because of their age.',
  );
  readonly pushToProof = byName(
    KINDS,
    'kind',
    this.histograms<'kind'>(
      'homing_push_to_proof_seconds',
      'From the push of a message to the first proof of its recipient, however long he was away, by the clock of the database. Its count is that of the deliveries.',
      DELIVERY_BOUNDS,
    ),
  );
  readonly pushToFrame = this.histogram(
    'homing_push_to_frame_seconds',
    'From the push of a message to its frame, for connections that had read their backlog.',
    DELIVERY_BOUNDS,
  );
  readonly fanOutDuration = this.histogram(
    'homing_fan_out_seconds',
    'How long reading the new global messages of a tenant and writing them to its connections took.',
    WORK_BOUNDS,
  );
  readonly fanOutSize = this.histogram(
    'homing_fan_out_connections',
    'Connections that a page of global messages was written to.',
    CONNECTIONS_BOUNDS,
  );

  // What nodes say to each other
  readonly inboxErrors = this.counter(
    'homing_inbox_errors_total',
    'Statements that read inboxes and failed. They are tried again.',
  );
  readonly signals = this.counter('homing_signals_received_total', 'Signals of the relay and of this process itself.');
  readonly relayGaps = this.counter('homing_relay_gaps_total', 'Times that signals of the relay may have been missed.');
  readonly databaseCrashes = this.counter(
    'homing_database_crashes_total',
    'Times that the database was found to have crashed.',
  );
  readonly eventsDropped = this.counter(
    'homing_events_dropped_total',
    'Events that the queue did not take. The reconciler makes up for them.',
  );
  readonly jobs = this.counters<'job_name' | 'outcome'>(
    'homing_jobs_total',
    'Jobs of the queue that were worked here.',
  );
  readonly jobDuration = this.histograms<'job_name'>('homing_job_seconds', 'How long a job took.', WORK_BOUNDS);
  readonly jobWait = this.histograms<'job_name'>(
    'homing_job_wait_seconds',
    'How long a job of events had waited when it was begun the first time, by the clocks of two nodes.',
    WORK_BOUNDS,
  );

  // Handlers of domain events
  readonly handlerCalls = this.counters<'handler' | 'outcome'>(
    'homing_handler_calls_total',
    'Domain events that handlers were to be given here, by what became of it: done, failed, or dropped, since a live handler was overrun.',
  );
  readonly outboxLost = this.counter(
    'homing_outbox_lost_total',
    'Connections that came or went of which durable handlers could not be told, since the database did not take it.',
  );

  // HTTP
  readonly httpRequests = this.counters<'route' | 'status'>(
    'homing_http_requests_total',
    'HTTP requests that were answered.',
  );
  readonly httpRefusals = this.counters<'reason'>(
    'homing_http_refusals_total',
    'TCP connections that were cut off before they had sent a whole request, by reason.',
  );
  readonly operations = this.counters<'operation' | 'outcome'>(
    'homing_graphql_operations_total',
    'GraphQL operations by their field, and the code of their first error.',
  );
  readonly operationDuration = this.histograms<'operation'>(
    'homing_graphql_operation_seconds',
    'How long a GraphQL operation took, its wait for a turn included.',
    WORK_BOUNDS,
  );

  /** All that a scrape shows. */
  get families(): readonly Family[] {
    return this.known;
  }

  /**
   * Adds a gauge, which is read at each scrape.
   * @param read must be cheap, or remember its answer for a while; null when it is not known
   */
  gauge(name: string, help: string, read: () => number | null | Promise<number | null>): void {
    this.known.push({
      name,
      help,
      type: 'gauge',
      read: async () => {
        const value = await read();
        return value === null ? [] : [{ labels: {}, value }];
      },
    });
  }

  /** Adds a gauge of several numbers, by the values of a label. */
  gauges(name: string, help: string, label: string, read: () => Readings | Promise<Readings>): void {
    this.known.push({
      name,
      help,
      type: 'gauge',
      read: async () => Object.entries(await read()).map(([key, value]) => ({ labels: { [label]: key }, value })),
    });
  }

  /** Adds a gauge that is 1, and tells by its labels what this is. */
  info(name: string, help: string, labels: Labels): void {
    this.known.push({ name, help, type: 'gauge', read: () => [{ labels, value: 1 }] });
  }

  private counter(name: string, help: string): Counter {
    const counter = new Counter();
    this.known.push({ name, help, type: 'counter', read: () => [counterSample(counter)] });
    return counter;
  }

  private counters<L extends string>(name: string, help: string): Labelled<Counter, L> {
    const labelled = new Labelled<Counter, L>(() => new Counter());
    const read = () => labelled.all.map(({ labels, child }) => counterSample(child, labels));
    this.known.push({ name, help, type: 'counter', read });
    return labelled;
  }

  private histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(bounds);
    this.known.push({ name, help, type: 'histogram', read: () => histogramSamples(name, histogram) });
    return histogram;
  }

  private histograms<L extends string>(name: string, help: string, bounds: readonly number[]): Labelled<Histogram, L> {
    const labelled = new Labelled<Histogram, L>(() => new Histogram(bounds));
    const read = () => labelled.all.flatMap(({ labels, child }) => histogramSamples(name, child, labels));
    this.known.push({ name, help, type: 'histogram', read });
    return labelled;
  }
}

/** The children for all values of a label that are known beforehand: they are shown from the start, and cost no look-up. */
function byName<T, V extends string, L extends string>(
  values: readonly V[],
  label: L,
  labelled: Labelled<T, L>,
): Readonly<Record<V, T>> {
  return Object.fromEntries(
    values.map((value) => [value, labelled.of({ [label]: value } as unknown as Record<L, string>)]),
  ) as Record<V, T>;
}
