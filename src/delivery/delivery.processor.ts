import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Job, Queue } from 'bullmq';
import { Settings } from '../config/config.module.js';
import { NodeId } from '../config/node-id.js';
import { DeliveryConfirmed } from '../events/delivery-confirmed.event.js';
import { EVENTS_QUEUE, type EventJob } from '../events/events-queue.js';
import { GlobalMessagePushed } from '../events/global-message-pushed.event.js';
import { MessagesPushed } from '../events/messages-pushed.event.js';
import { QueueErrors } from '../events/queue-errors.js';
import { waitAfterErrors } from '../events/wait-after-errors.js';
import type { GlobalWakeUp, MessagesWakeUp } from '../events/wake-up.js';
import { Log } from '../log/log.js';
import { logged } from '../log/log-line.js';
import { Metrics } from '../metrics/metrics.js';
import { type GlobalSignal, type MessagesSignal, Relay } from '../relay/relay.js';
import { traced } from '../traces/tracing.js';
import { HousekeepingRepository } from './housekeeping.repository.js';
import { JobSpans } from './job-spans.js';
import { ProofLedger } from './proof-ledger.js';
import { ProofsRepository } from './proofs.repository.js';

const EXPIRE = 'expire';
const RETAIN = 'retain';
const EXPIRE_EVERY = 5_000;
const RETAIN_EVERY = 600_000;
/** A queue that was emptied has lost its schedules too; they are written again this often. */
const SCHEDULE_EVERY = 30_000;
const RETRY_DELAY = 1_000;
/** The jobs that carry events; the others come by a schedule. */
const EVENTS: readonly string[] = [MessagesPushed.name, GlobalMessagePushed.name, DeliveryConfirmed.name];

/**
 * Works the queue: wakes recipients on all nodes, marks messages delivered, expires and removes them. A job may run
 * twice, late or out of order: each of them leaves the rows as they should be.
 */
@Processor(EVENTS_QUEUE, { concurrency: 8, runRetryDelay: RETRY_DELAY, autorun: false })
export class DeliveryProcessor extends WorkerHost implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly log = new Log(DeliveryProcessor.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectQueue(EVENTS_QUEUE) private readonly queue: Queue,
    private readonly errors: QueueErrors,
    private readonly settings: Settings,
    private readonly relay: Relay,
    private readonly node: NodeId,
    private readonly proofs: ProofsRepository,
    private readonly ledger: ProofLedger,
    private readonly housekeeping: HousekeepingRepository,
    private readonly metrics: Metrics,
  ) {
    super();
  }

  async process(job: Job<EventJob>): Promise<void> {
    const job_name = [...EVENTS, EXPIRE, RETAIN].includes(job.name) ? job.name : 'unknown';
    if (EVENTS.includes(job.name) && job.attemptsMade === 0)
      this.metrics.jobWait.of({ job_name }).observe(Math.max(0, Date.now() - job.timestamp) / 1_000);
    const began = performance.now();
    const spans = traced.by ? new JobSpans(traced.by, job) : null;
    let outcome = 'failed';
    try {
      await this.work(job, spans);
      outcome = 'done';
      spans?.end();
    } catch (error) {
      spans?.end(error);
      throw error;
    } finally {
      this.metrics.jobs.of({ job_name, outcome }).add();
      this.metrics.jobDuration.of({ job_name }).observe((performance.now() - began) / 1_000);
    }
  }

  private async work({ name, data }: Job<EventJob>, spans: JobSpans | null): Promise<void> {
    switch (name) {
      case MessagesPushed.name:
        return this.announce('messages', data.node, data.events as readonly MessagesWakeUp[], spans);
      case GlobalMessagePushed.name:
        return this.announce('global', data.node, data.events as readonly GlobalWakeUp[], spans);
      case DeliveryConfirmed.name:
        return this.record(data.node, data.events as readonly DeliveryConfirmed[]);
      case EXPIRE:
        this.metrics.messagesExpired.add(await this.housekeeping.cancelExpired());
        return;
      case RETAIN:
        this.metrics.messagesRemoved.add(await this.housekeeping.removeOld(this.settings.messageRetention));
        await this.housekeeping.removeRevocations(this.settings.tokenTtl);
        return;
      default:
        throw new Error(`No job is called ${name}`);
    }
  }

  onApplicationBootstrap(): void {
    this.worker.on('error', (error) => this.errors.say('queue.error', "The queue's worker", error));
    this.worker.on('failed', (job, error) => this.errors.say('job.failed', `A job failed: ${job?.name}`, error));
    waitAfterErrors(this.worker, RETRY_DELAY);
    // From now on: whoever wants to hear of what its jobs do is known by then.
    this.worker.run().catch((error: Error) => this.errors.say('queue.error', "The queue's worker", error));
    void this.schedule();
    this.timer = setInterval(() => void this.schedule(), SCHEDULE_EVERY).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async schedule(): Promise<void> {
    try {
      await this.queue.upsertJobScheduler(EXPIRE, { every: EXPIRE_EVERY }, { name: EXPIRE });
      await this.queue.upsertJobScheduler(RETAIN, { every: RETAIN_EVERY }, { name: RETAIN });
    } catch (error) {
      this.log.write('queue.unscheduled', 'The schedules could not be written', { error });
    }
  }

  private async announce(
    kind: 'messages' | 'global',
    node: string,
    events: readonly (MessagesWakeUp | GlobalWakeUp)[],
    spans: JobSpans | null,
  ): Promise<void> {
    const signals = events.map((event) => ({
      kind,
      ...event,
      // It makes each signal longer, and is of use to the log alone.
      ...(!logged.debug && { requestId: undefined }),
      ...(spans && { place: spans.placeAfter(event.place) }),
    })) as (MessagesSignal | GlobalSignal)[];
    await this.relay.publish(signals, node);
    if (!logged.debug) return;
    for (const { requestId, txid, tenant } of events)
      this.log.write('push.announced', 'Told the nodes of a push', { requestId, txid, tenant, origin: node });
  }

  private async record(node: string, events: readonly DeliveryConfirmed[]): Promise<void> {
    await this.proofs.record(events.flatMap(({ proofs }) => proofs));
    await this.proofs.recordGlobal(events.flatMap(({ globalProofs }) => globalProofs));
    if (logged.debug) {
      const proofs = events.flatMap(({ proofs }) => proofs).length;
      const globalProofs = events.flatMap(({ globalProofs }) =>
        globalProofs.flatMap(({ recipients }) => recipients),
      ).length;
      this.log.write('proofs.recorded', 'Proofs were recorded', { proofs, globalProofs, origin: node });
    }
    if (node === this.node.text) for (const { number } of events) this.ledger.confirm(number);
  }
}
