import { Injectable } from '@nestjs/common';
import { type Connection, SLOTS } from './connection.js';

const NONE: ReadonlySet<Connection> = new Set();

/** The open connections of this node. */
@Injectable()
export class Hub {
  private readonly tenants = new Map<string, Map<string, Set<Connection>>>();
  private count = 0;

  /** Number of connections. */
  get size(): number {
    return this.count;
  }

  /** Number of recipients with connections. */
  get recipients(): number {
    let count = 0;
    for (const recipients of this.tenants.values()) count += recipients.size;
    return count;
  }

  add(connection: Connection): void {
    let recipients = this.tenants.get(connection.tenant);
    if (!recipients) this.tenants.set(connection.tenant, (recipients = new Map()));
    const connections = recipients.get(connection.recipient);
    if (connections) connections.add(connection);
    else recipients.set(connection.recipient, new Set([connection]));
    this.count += 1;
  }

  remove(connection: Connection): void {
    const recipients = this.tenants.get(connection.tenant);
    const connections = recipients?.get(connection.recipient);
    if (!recipients || !connections?.delete(connection)) return;
    this.count -= 1;
    if (connections.size === 0) recipients.delete(connection.recipient);
    if (recipients.size === 0) this.tenants.delete(connection.tenant);
  }

  /** The connections of a recipient. */
  of(tenant: string, recipient: string): ReadonlySet<Connection> {
    return this.tenants.get(tenant)?.get(recipient) ?? NONE;
  }

  /** The tenants that have connections here. */
  get tenantNames(): IterableIterator<string> {
    return this.tenants.keys();
  }

  /** All connections of a tenant. */
  *ofTenant(tenant: string): Generator<Connection> {
    for (const connections of this.tenants.get(tenant)?.values() ?? []) yield* connections;
  }

  /** One of `slices` equal parts of all connections. */
  *slice(index: number, slices: number): Generator<Connection> {
    for (const connection of this) if (Math.floor((connection.slot * slices) / SLOTS) === index) yield connection;
  }

  /** All connections. */
  *[Symbol.iterator](): Generator<Connection> {
    for (const tenant of this.tenants.keys()) yield* this.ofTenant(tenant);
  }
}
