import { setTimeout as pause } from 'node:timers/promises';
import { type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import type { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import type { DataSource } from 'typeorm';
import { Log } from '../log/log.js';
import { connectionOptions } from '../postgres/connection-options.js';
import { Audiences } from './audiences.js';
import { Presences } from './presences.js';
import { type Audience, Relay, type RelayListener, type Signal } from './relay.js';
import { decodeSignal, encodeSignal } from './signal-text.js';

const RETRY_DELAY = 1_000;
/** A connection that only listens would not notice that its server is gone; it asks this often, in milliseconds, and waits as long for the answer. */
const LOOK_AFTER = 10_000;

const NOTIFY = 'SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS notice(channel, payload)';

/**
 * Signals by PostgreSQL's LISTEN and NOTIFY. Each node has a channel of its own, and a table tells which nodes have joined an
 * audience: a NOTIFY is sent to them alone, and none at all when nobody else is there.
 */
export class PostgresRelay extends Relay implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly log = new Log(PostgresRelay.name);
  private readonly audiences = new Audiences((joining, leaving) => this.presences.move(joining, leaving));
  private readonly presences: Presences;
  private readonly server: ClientConfig;
  private client: Client | null = null;
  private isListening = false;
  private closed = false;

  /**
   * @param url where to listen: pooled connections can't
   * @param channel of signals for all nodes; with the id of a node, that node's own
   * @param node the id of this node
   */
  constructor(
    private readonly dataSource: DataSource,
    url: string,
    private readonly channel: string,
    private readonly node: string,
  ) {
    super();
    this.presences = new Presences(dataSource, node, () => this.audiences.all);
    this.server = connectionOptions(url);
  }

  /** Sending needs nothing but the database. */
  get isUp(): boolean {
    return !this.isListening || this.client !== null;
  }

  async publish(signals: readonly Signal[], origin = ''): Promise<void> {
    const forAll = signals.filter(({ kind }) => kind === 'revocation' || kind === 'lookup').flatMap(encodeSignal);
    const notices = forAll.map((payload) => ({ channel: this.channel, payload }));
    for (const { node, signal } of await this.presences.route(signals, origin))
      for (const payload of encodeSignal(signal)) notices.push({ channel: this.channelOf(node), payload });
    if (notices.length === 0) return;
    await this.dataSource.query(NOTIFY, [notices.map(({ channel }) => channel), notices.map(({ payload }) => payload)]);
  }

  async listen(listener: RelayListener): Promise<void> {
    this.isListening = true;
    await this.connect(listener);
    await this.presences.enter();
    this.presences.keep(() => listener.onGap());
  }

  join(audience: Audience): Promise<void> {
    return this.audiences.join(audience);
  }

  leave(audience: Audience): void {
    this.audiences.leave(audience);
  }

  /** Before TypeORM closes its pool, which it does in the next step. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.client) await this.presences.exit();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    await this.client?.end();
  }

  private channelOf(node: string): string {
    return `${this.channel}_${node}`;
  }

  private async connect(listener: RelayListener): Promise<void> {
    const client = new Client({
      ...this.server,
      application_name: 'homing relay',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    client.on('notification', ({ payload }) => {
      const signal = decodeSignal(payload ?? '');
      if (signal) listener.onSignal(signal);
    });
    client.on('error', (error) => this.log.write('relay.down', "The relay's connection failed", { error }));
    const lookAfter = setInterval(() => {
      const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
      const silence = setTimeout(
        () => stream.destroy(new Error('nothing was heard from the database')),
        LOOK_AFTER,
      ).unref();
      client.query('SELECT').then(
        () => clearTimeout(silence),
        () => clearTimeout(silence),
      );
    }, LOOK_AFTER).unref();
    client.on('end', () => {
      clearInterval(lookAfter);
      void this.reconnect(client, listener);
    });
    try {
      await client.connect();
      for (const channel of [this.channel, this.channelOf(this.node)])
        await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
  }

  private async reconnect(lost: Client, listener: RelayListener): Promise<void> {
    // A client that never got to listen is the business of the loop that is already trying.
    if (this.client !== lost) return;
    this.client = null;
    while (!this.closed && this.client === null) {
      try {
        await this.connect(listener);
        // A database that crashed has forgotten who is here.
        await this.presences.enter();
        listener.onGap();
      } catch (error) {
        this.log.write('relay.down', "The relay can't listen yet", { error });
        await pause(RETRY_DELAY);
      }
    }
    if (this.closed) await this.onApplicationShutdown();
  }
}
