import { RecipientClient } from '../../support/client.js';
import { processes } from '../../support/host.js';
import type { Extension } from '../../../src/extension.js';
import { Service } from '../../support/service.js';
import type { Faults } from './faults.js';
import { OutsideFaults } from './outside-faults.js';
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

/** Several nodes on a database of their own, whose clock and queue belong to whoever plays a script on them. */
export class Installation {
  readonly faults: Faults;
  readonly clock: TestClock;
  private tenants = 0;

  private constructor(
    readonly nodes: readonly Service[],
    private readonly services: readonly Service[],
    /** A client of another tenant, to whom nobody pushes anything. */
    readonly neighbour: RecipientClient,
  ) {
    this.clock = new TestClock(nodes);
    this.faults = processes > 0 ? new OutsideFaults(services[0]!.jobs) : new QueueFaults(nodes);
  }

  /**
   * Starts two nodes in this process, or several processes, each of which is reached by itself.
   * @param extension is added to nodes in this process
   */
  static async start(extension?: Extension): Promise<Installation> {
    const first = extension ? await Service.startExtended(extension, SETTINGS) : await Service.start(SETTINGS);
    const services = processes > 0 ? [first] : [first, await first.startSecondNode(SETTINGS)];
    const key = await first.createKey({ tenant: 'neighbour' });
    const neighbour = await services.at(-1)!.connect(RECIPIENTS[0], {}, key);
    return new Installation(
      services.flatMap(({ nodes }) => nodes),
      services,
      neighbour,
    );
  }

  async stop(): Promise<void> {
    for (const service of this.services.toReversed()) await service.stop();
  }

  /** A tenant that nobody has used yet: its name, which no other installation uses either, and a key. */
  async newTenant(): Promise<{ readonly tenant: string; readonly key: string }> {
    this.tenants += 1;
    const tenant = `tenant-${this.tenants}`;
    return { tenant, key: await this.services[0]!.createKey({ tenant }) };
  }
}
