import { Injectable } from '@nestjs/common';
import type { InboxItem } from '../delivery/inbox.js';
import type { MessageRef } from '../delivery/proof-ledger.js';
import { Log } from '../log/log.js';
import type { GlobalSignal, MessagesSignal } from '../relay/relay.js';
import { BoundedMemory } from './bounded-memory.js';
import type { Connection, Flight } from './connection.js';
import { messageKey } from './message-key.js';

/**
 * Writes down the way of each message through this node: heard of, written, proven, with the ids of its request, of the message
 * and of the connection. It remembers what only its lines need, and is called while `logged.debug` alone.
 */
@Injectable()
export class Trail {
  private readonly log = new Log(Trail.name);
  /** The requests whose pushes a transaction stored. */
  private readonly requests = new BoundedMemory<number, Set<string>>();
  private readonly messages = new BoundedMemory<string, { readonly messageId: string; readonly txid: number }>();
  /** A connection has the id of the request that opened it. */
  private readonly connections = new WeakMap<Connection, string>();

  opened(connection: Connection, requestId: string): void {
    this.connections.set(connection, requestId);
    this.log.write('connection.opened', 'A recipient connected', {
      ...this.idOf(connection),
      tenant: connection.tenant,
      format: connection.format,
    });
  }

  closed(connection: Connection, code: number): void {
    this.log.write('connection.closed', 'A connection is gone', { ...this.idOf(connection), code });
  }

  /** A connection is ended by this node. */
  ended(event: 'connection.silent' | 'connection.stalled', sentence: string, connection: Connection): void {
    this.log.write(event, sentence, this.idOf(connection));
  }

  heard({ kind, tenant, txid, requestId }: MessagesSignal | GlobalSignal): void {
    if (requestId !== undefined) {
      const requests = this.requests.get(txid);
      if (requests) requests.add(requestId);
      else this.requests.remember(txid, new Set([requestId]));
    }
    this.log.write('push.heard', 'Heard of a push', { requestId, txid, tenant, global: kind === 'global' });
  }

  /** These messages are about to be written. */
  packed(items: readonly InboxItem[]): void {
    for (const { id, txid, seq, global } of items)
      this.messages.remember(messageKey({ seq, global }), { messageId: id, txid });
  }

  written(connection: Connection, flights: readonly Flight[]): void {
    for (const { ping, items } of flights)
      for (const ref of items)
        this.log.write('frame.written', 'A message was written', { ...this.factsOf(connection, ref), ping });
  }

  proven(connection: Connection, refs: readonly MessageRef[]): void {
    for (const ref of refs) this.log.write('message.proven', 'A pong proved a message', this.factsOf(connection, ref));
  }

  private factsOf(connection: Connection, ref: MessageRef): Record<string, unknown> {
    const { messageId, txid } = this.messages.get(messageKey(ref)) ?? {};
    const requestIds = txid === undefined ? undefined : this.requests.get(txid);
    return {
      messageId,
      requestIds: requestIds && [...requestIds],
      txid,
      seq: ref.seq,
      global: ref.global,
      ...this.idOf(connection),
    };
  }

  private idOf(connection: Connection): { readonly connection: string | undefined } {
    return { connection: this.connections.get(connection) };
  }
}
