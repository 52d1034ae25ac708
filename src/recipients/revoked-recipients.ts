import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { SharedRun } from '../database/shared-run.js';
import { Log } from '../log/log.js';
import { RevocationsRepository } from './revocations.repository.js';

/** How often the table is read, in milliseconds. A revocation must be effective within 5 s, also when no signal comes. */
const PERIOD = 2_000;
/** How long a reading may take, in milliseconds. The first one, of the whole table, may take what it needs. */
const PATIENCE = 1_000;

/** A recipient of a tenant. */
export interface RecipientName {
  readonly tenant: string;
  readonly recipient: string;
}

/**
 * The revocations that this node knows: all those that a token may still be subject to. It reads the table when it
 * starts, when a signal says so, and every two seconds whether one comes or not.
 */
@Injectable()
export class RevokedRecipients implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new Log(RevokedRecipients.name);
  /** When each recipient's tokens were revoked, the oldest first. */
  private readonly known = new Map<string, number>();
  private readonly listeners: ((name: RecipientName) => void)[] = [];
  private readAt = new Date(0);
  private timer: NodeJS.Timeout | undefined;
  private readonly reading = new SharedRun(() => this.attempt());
  private down = false;

  constructor(
    private readonly settings: Settings,
    private readonly repository: RevocationsRepository,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.read();
    this.timer = setInterval(() => void this.refresh(), PERIOD).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.reading.settled();
  }

  /** Calls `listener` whenever it becomes known that a recipient's tokens were revoked. */
  onRevoked(listener: (name: RecipientName) => void): void {
    this.listeners.push(listener);
  }

  /** The last moment, in milliseconds since the epoch, of which no token of the recipient counts any more; 0 when all do. */
  revokedUntil({ tenant, recipient }: RecipientName): number {
    return this.known.get(keyOf(tenant, recipient)) ?? 0;
  }

  /** Reads what was revoked before this call. Those who ask while a reading runs share the next one. It does not fail. */
  refresh(): Promise<void> {
    return this.reading.ask();
  }

  private async attempt(): Promise<void> {
    const began = performance.now();
    try {
      await this.read(PATIENCE);
      this.down = false;
    } catch (error) {
      // A connection that was lost without a word is given up. Others may have been lost with it: the next is tried at once.
      if (performance.now() - began >= PATIENCE) void this.refresh();
      if (!this.down) this.log.write('revocations.unreadable', "Revocations can't be read; trying again", { error });
      this.down = true;
    }
  }

  private async read(patience?: number): Promise<void> {
    const { readAt, revocations } = await this.repository.since(this.readAt, patience);
    this.readAt = readAt;
    for (const { tenant, recipient, revokedAt } of revocations) {
      const key = keyOf(tenant, recipient);
      if ((this.known.get(key) ?? 0) >= revokedAt.getTime()) continue;
      this.known.delete(key);
      this.known.set(key, revokedAt.getTime());
      for (const listener of this.listeners) listener({ tenant, recipient });
    }
    this.forget(readAt.getTime() - this.settings.tokenTtl);
  }

  /** Forgets what is older than any token that has not expired. */
  private forget(end: number): void {
    if (this.settings.tokenTtl === 0) return;
    for (const [key, revokedAt] of this.known) {
      if (revokedAt >= end) return;
      this.known.delete(key);
    }
  }
}

/** Neither name can contain U+0000. */
function keyOf(tenant: string, recipient: string): string {
  return `${tenant}\u0000${recipient}`;
}
