import { RecipientClient } from '../../support/client.js';
import { Service } from '../../support/service.js';
import { QueueFaults } from './queue-faults.js';
import { RECIPIENTS } from './script.js';
import { TestClock } from './test-clock.js';

/** In milliseconds: how often the service looks for what was lost. */
export const RECONCILE_INTERVAL = 200;
/** How long a token opens connections, in milliseconds. */
export const TOKEN_TTL = 120_000;

const SETTINGS = {
  RECONCILE_INTERVAL: `${RECONCILE_INTERVAL}ms`,
  TOKEN_TTL: `${TOKEN_TTL}ms`,
  // Most sequences are shorter, so one that is silent is not cut off in all of them.
  PING_INTERVAL: '500ms',
  INBOUND_RATE: '100000',
  MAX_QUERY_ALIASES: '1000',
  MAX_QUERY_FIELDS: '100000',
  // The clock runs far ahead in the course of many sequences.
  MESSAGE_RETENTION: '36500d',
  DATABASE_POOL_SIZE: '6',
};

/** Two nodes on a database of their own, whose clock and queue belong to whoever plays a script on them. */
export class Installation {
  readonly faults = new QueueFaults();
  readonly clock: TestClock;
  private tenants = 0;

  private constructor(
    readonly nodes: readonly [Service, Service],
    /** A client of another tenant, to whom nobody pushes anything. */
    readonly neighbour: RecipientClient,
  ) {
    this.clock = new TestClock(nodes);
    for (const node of nodes) this.faults.attach(node);
  }

  static async start(): Promise<Installation> {
    const first = await Service.start(SETTINGS);
    const second = await first.startSecondNode(SETTINGS);
    const key = await first.createKey({ tenant: 'neighbour' });
    return new Installation([first, second], await second.connect(RECIPIENTS[0], {}, key));
  }

  async stop(): Promise<void> {
    for (const node of this.nodes.toReversed()) await node.stop();
  }

  /** A tenant that nobody has used yet: its name, which no other installation uses either, and a key. */
  async newTenant(): Promise<{ readonly tenant: string; readonly key: string }> {
    this.tenants += 1;
    const tenant = `tenant-${this.tenants}`;
    return { tenant, key: await this.nodes[0].createKey({ tenant }) };
  }
}
