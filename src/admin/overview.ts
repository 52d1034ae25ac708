import { Injectable } from '@nestjs/common';
import { NodeId } from '../config/node-id.js';
import { PendingRepository } from '../delivery/pending.repository.js';
import { Metrics } from '../metrics/metrics.js';
import { readGauge } from '../metrics/read-gauge.js';
import { remembered } from '../metrics/remembered.js';
import { isSilent, type SeenNode } from '../nodes/node-report.js';
import { NodesRepository } from '../nodes/nodes.repository.js';

/** How long what the database is asked for is remembered, in milliseconds. */
const FRESH = 5_000;

/** The whole installation at a glance. Times are in seconds; what is not known is null. */
export interface OverviewReport {
  /** The node that tells it. */
  readonly node: string;
  readonly nodes: readonly (SeenNode & { readonly silent: boolean })[];
  readonly connections: number;
  /** One with connections on two nodes counts twice. */
  readonly recipients: number;
  readonly pushedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly unproven: number;
  /** Roughly, beyond 100,000. */
  readonly pending: number | null;
  /** 0 when none has waited for a minute. */
  readonly oldestPending: number | null;
  /** How long events had waited for their job, on the node where they waited longest. */
  readonly eventLag: number | null;
  /** How long the job that waits longest has waited. */
  readonly queueLag: number | null;
  /** Jobs of the queue by state. */
  readonly queue: Readonly<Record<string, number>>;
  /** Events that wait for durable handlers, and those that these gave up; null where this node works for none, or it is not known. */
  readonly handlers: { readonly waiting: number; readonly failed: number } | null;
  readonly expired: number;
  readonly errors: Readonly<Record<string, number>>;
}

/** Puts together what the nodes say of themselves. Silent nodes are listed, and do not count. */
@Injectable()
export class Overview {
  /** However many pages are open, it is asked once in a while. */
  private readonly pending: () => Promise<number | null>;
  private readonly oldest: () => Promise<number | null>;

  constructor(
    private readonly node: NodeId,
    private readonly repository: NodesRepository,
    private readonly metrics: Metrics,
    pending: PendingRepository,
  ) {
    const orNull = (ask: () => Promise<number | null>) => remembered(FRESH, () => ask().catch(() => null));
    this.pending = orNull(() => pending.count());
    this.oldest = orNull(() => pending.oldest());
  }

  async read(): Promise<OverviewReport> {
    const gauge = async (name: string) => (await readGauge(this.metrics, name)).get('') ?? null;
    const [seen, pending, oldestPending, queueLag, queue, waiting, failed] = await Promise.all([
      this.repository.seen(),
      this.pending(),
      this.oldest(),
      gauge('homing_queue_oldest_job_seconds'),
      readGauge(this.metrics, 'homing_queue_jobs'),
      readGauge(this.metrics, 'homing_handler_jobs'),
      readGauge(this.metrics, 'homing_handler_failed_jobs'),
    ]);
    const nodes = seen.map((node) => ({ ...node, silent: isSilent(node) }));
    const alive = nodes.filter(({ silent }) => !silent);
    const sum = (of: (node: SeenNode) => number | null) => alive.reduce((total, node) => total + (of(node) ?? 0), 0);
    const lags = alive.flatMap(({ eventLag }) => (eventLag === null ? [] : [eventLag]));
    return {
      node: this.node.text,
      nodes: nodes.sort((a, b) => `${a.host} ${a.pid}`.localeCompare(`${b.host} ${b.pid}`)),
      connections: sum(({ connections }) => connections),
      recipients: sum(({ recipients }) => recipients),
      pushedPerSecond: sum(({ pushedPerSecond }) => pushedPerSecond),
      deliveredPerSecond: sum(({ deliveredPerSecond }) => deliveredPerSecond),
      unproven: sum(({ unproven }) => unproven),
      pending,
      oldestPending,
      eventLag: lags.length === 0 ? null : Math.max(...lags),
      queueLag,
      queue: Object.fromEntries(queue),
      handlers: waiting.size === 0 || failed.size === 0 ? null : { waiting: total(waiting), failed: total(failed) },
      expired: sum(({ expired }) => expired),
      errors: sumOfErrors(alive),
    };
  }
}

function total(numbers: ReadonlyMap<string, number>): number {
  return [...numbers.values()].reduce((sum, one) => sum + one, 0);
}

function sumOfErrors(nodes: readonly SeenNode[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { errors } of nodes)
    for (const [name, count] of Object.entries(errors)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
