import { randomBytes } from 'node:crypto';
import { getQueueToken } from '@nestjs/bullmq';
import type { INestApplication } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { DataSource } from 'typeorm';
import type { AccessKeysService } from '../../src/access/access-keys.service.js';
import { DomainEvents } from '../../src/events/domain-events.js';
import { EVENTS_QUEUE, type EventJob } from '../../src/events/events-queue.js';
import { Balancer } from './balancer.js';
import { startComposed } from './compose.js';
import { createDatabase } from './database.js';
import { type Host, processes } from './host.js';
import type { NodeProcess } from './node-process.js';
import { ProcessInstallation } from './process-installation.js';

/** Nodes that are processes of their own: one that is reached by itself, or several behind a balancer. */
export class ProcessHost implements Host {
  readonly hasApi = true;

  private constructor(
    readonly installation: ProcessInstallation,
    private readonly own: readonly NodeProcess[],
    readonly url: string,
    readonly headers: Record<string, string>,
    readonly stop: () => Promise<void>,
  ) {}

  /** Several nodes behind a balancer. It takes another of them for every connection, so no connection is kept for another request. */
  static balanced(
    installation: ProcessInstallation,
    own: readonly NodeProcess[],
    balancer: { readonly port: number },
    stop: () => Promise<void>,
  ): ProcessHost {
    return new ProcessHost(installation, own, `http://127.0.0.1:${balancer.port}`, { connection: 'close' }, stop);
  }

  static single(installation: ProcessInstallation, node: NodeProcess, stop: () => Promise<void>): ProcessHost {
    return new ProcessHost(installation, [node], node.url, {}, stop);
  }

  get app(): INestApplication {
    throw new Error('The nodes are processes of their own. Mark what reaches inside of them with oneProcess().');
  }

  get nodes(): readonly Host[] {
    return this.own.map((node) => ProcessHost.single(this.installation, node, async () => undefined));
  }

  get dataSource(): DataSource {
    return this.installation.dataSource;
  }

  get keys(): AccessKeysService {
    return this.installation.keys;
  }

  get jobs(): Queue<EventJob> {
    return this.installation.tools.get<Queue<EventJob>>(getQueueToken(EVENTS_QUEUE), { strict: false });
  }

  get events(): DomainEvents {
    return this.installation.tools.get(DomainEvents, { strict: false });
  }

  async startNode(environment: Record<string, string>): Promise<ProcessHost> {
    const node = await this.installation.startNode(environment);
    return ProcessHost.single(this.installation, node, () => this.installation.stopNode(node));
  }

  revoke(tenant: string, recipient: string): Promise<void> {
    return this.installation.revoke(this.own, tenant, recipient);
  }

  shutDown(): Promise<void> {
    return this.stop();
  }

  setClock(offset: number): Promise<void> {
    return this.installation.setClock(offset);
  }
}

/** Nodes of an installation and what stands in front of them. */
export interface Balanced {
  readonly installation: ProcessInstallation;
  readonly nodes: readonly NodeProcess[];
  readonly balancer: { readonly port: number };
  close(): Promise<void>;
}

/** An installation behind its balancer, which serves one test after another. */
interface Kept {
  readonly settings: string;
  readonly host: ProcessHost;
  free: boolean;
  close(): Promise<void>;
}

/** Starting processes is what takes the time: so they are kept for the next test that asks for the same settings. */
const kept: Kept[] = [];
/** What most files ask for, which is kept for all of them: it ends with the process of the tests. */
const COMMON = JSON.stringify({});

/** To be called after each file: what has settings of its own is of no use to the next. */
export async function endUncommonProcesses(): Promise<void> {
  const ending = kept.filter(({ settings }) => settings !== COMMON);
  for (const entry of ending) kept.splice(kept.indexOf(entry), 1);
  const closings = await Promise.allSettled(ending.map(({ close }) => close()));
  for (const closing of closings) if (closing.status === 'rejected') throw closing.reason;
}

/** An installation of several processes with these settings on which nothing has happened yet, as far as a test can tell. */
export async function takeProcesses(environment: Record<string, string>): Promise<ProcessHost> {
  const settings = JSON.stringify(environment);
  const idle = kept.find((candidate) => candidate.free && candidate.settings === settings);
  if (!idle) return start(environment, settings);
  idle.free = false;
  await idle.host.installation.reset();
  return idle.host;
}

async function start(environment: Record<string, string>, settings: string): Promise<ProcessHost> {
  const { installation, nodes, balancer, close } = await (process.env['HOMING_TEST_COMPOSE'] === '1'
    ? startComposed(environment)
    : startBalanced(environment));
  const entry: Kept = {
    settings,
    free: false,
    host: ProcessHost.balanced(installation, nodes, balancer, async () => void (entry.free = true)),
    close,
  };
  kept.push(entry);
  return entry.host;
}

async function startBalanced(environment: Record<string, string>): Promise<Balanced> {
  const database = `test_${randomBytes(6).toString('hex')}`;
  const installation = await ProcessInstallation.open(database, await createDatabase(database));
  const nodes = await Promise.all(Array.from({ length: processes }, () => installation.startNode(environment)));
  const balancer = await Balancer.before(nodes.map(({ port }) => port));
  return {
    installation,
    nodes,
    balancer,
    close: async () => {
      await installation.close();
      balancer.close();
    },
  };
}
