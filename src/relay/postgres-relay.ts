import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import { DataSource } from 'typeorm';
import { connectionOptions } from '../postgres/connection-options.js';
import { Relay, type RelayListener, type Signal } from './relay.js';
import { decodeSignal, encodeSignal } from './signal-text.js';

const RETRY_DELAY = 1_000;
/** A connection that only listens would not notice that its server is gone; it asks this often, in milliseconds, and waits as long for the answer. */
const LOOK_AFTER = 10_000;

/** Signals by PostgreSQL's LISTEN and NOTIFY. */
@Injectable()
export class PostgresRelay extends Relay implements OnApplicationShutdown {
  private readonly logger = new Logger(PostgresRelay.name);
  private readonly server: ClientConfig;
  private client: Client | null = null;
  private closed = false;

  constructor(
    private readonly dataSource: DataSource,
    url: string,
    private readonly channel: string,
  ) {
    super();
    this.server = connectionOptions(url);
  }

  async publish(signals: readonly Signal[]): Promise<void> {
    await this.dataSource.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [
      this.channel,
      signals.flatMap(encodeSignal),
    ]);
  }

  async listen(listener: RelayListener): Promise<void> {
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
    client.on('error', (error) => this.logger.warn(`The relay's connection failed: ${error.message}`));
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
      void this.relisten(client, listener);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(this.channel)}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.client = client;
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    await this.client?.end();
  }

  private async relisten(lost: Client, listener: RelayListener): Promise<void> {
    // A client that never got to listen is the business of the loop that is already trying.
    if (this.client !== lost) return;
    this.client = null;
    while (!this.closed && this.client === null) {
      try {
        await this.listen(listener);
        listener.onGap();
      } catch (error) {
        this.logger.warn(`The relay can't listen yet: ${(error as Error).message}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
      }
    }
    if (this.closed) await this.onApplicationShutdown();
  }
}
