import type { Role } from '../config/service-settings.js';

/** What a process says of itself. Counts are since its start, rates a second over the last interval; null where it has none, or does not know. */
export interface NodeReport {
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly roles: readonly Role[];
  /** How long it has run, in milliseconds. */
  readonly uptime: number;
  /** How long until it says something again, in milliseconds. */
  readonly interval: number;
  /** How much of the time its event loop was at work, from 0 to 1. */
  readonly busy: number;
  readonly connections: number | null;
  readonly recipients: number | null;
  /** Messages that were sent to open connections and are not proven yet. */
  readonly unproven: number | null;
  readonly pushed: number;
  readonly pushedPerSecond: number;
  readonly delivered: number;
  readonly deliveredPerSecond: number;
  readonly expired: number;
  /** How long the events of the last interval had waited in the queue, in seconds on average; null when none came. */
  readonly eventLag: number | null;
  /** What went wrong, by what it was; what was nothing is left out. */
  readonly errors: Readonly<Record<string, number>>;
}

/** The report of a node, and how long ago it was made, in milliseconds. */
export interface SeenNode extends NodeReport {
  readonly node: string;
  readonly age: number;
}

/** How many reports a node may be behind before it counts as silent. */
const REPORTS_MISSED = 3;

/** Whether a node has said nothing for so long that it may be gone. */
export function isSilent({ age, interval }: Pick<SeenNode, 'age' | 'interval'>): boolean {
  return age > REPORTS_MISSED * interval;
}
