import { GlobalMessagePushed } from '../../src/events/global-message-pushed.event.js';
import { MessagesPushed } from '../../src/events/messages-pushed.event.js';
import type { Service } from './service.js';

const INSERT = `
  INSERT INTO messages (tenant, recipient, topic, message, created_at, txid)
  VALUES ('acme', $1, NULL, $2, homing_now(), pg_current_xact_id()::text::bigint) RETURNING txid`;

const INSERT_GLOBAL = `
  INSERT INTO global_messages (tenant, message, created_at, deliver_until, txid)
  VALUES ('acme', $1, homing_now(), homing_now() + interval '60 seconds', pg_current_xact_id()::text::bigint) RETURNING txid`;

/** What tells everybody that a transaction stored messages to these recipients of a tenant. */
export function messagesPushed(
  txid: number,
  recipients: readonly string[],
  tenant = 'acme',
  ids: readonly string[] = [],
): MessagesPushed {
  const createdAt = new Date();
  return new MessagesPushed({ tenant, txid, recipients, ids, topic: null, expiresAt: null, createdAt });
}

/** What tells everybody that a transaction stored a global message of a tenant. */
export function globalMessagePushed(txid: number, tenant = 'acme'): GlobalMessagePushed {
  return new GlobalMessagePushed({ tenant, txid, id: '', topic: null, expiresAt: null, createdAt: new Date() });
}

/** A push whose transaction is still open. */
export interface OpenPush {
  /** Commits, and tells everybody as a push does. */
  commit(): Promise<void>;
}

/** Begins a push of a message and stops before its commit. */
export async function openPush(service: Service, recipient: string, message: string): Promise<OpenPush> {
  return begin(service, INSERT, [recipient, message], (txid) => messagesPushed(txid, [recipient]));
}

/** Begins a push of a global message and stops before its commit. */
export async function openGlobalPush(service: Service, message: string): Promise<OpenPush> {
  return begin(service, INSERT_GLOBAL, [message], (txid) => globalMessagePushed(txid));
}

/** Stores a message and tells nobody, as if every event about it had been lost; gives its transaction. */
export async function insertMessage(service: Service, recipient: string, message: string): Promise<number> {
  return insert(service, INSERT, [recipient, message]);
}

/** Stores a global message and tells nobody; gives its transaction. */
export async function insertGlobalMessage(service: Service, message: string): Promise<number> {
  return insert(service, INSERT_GLOBAL, [message]);
}

async function insert(service: Service, statement: string, parameters: string[]): Promise<number> {
  const [row] = await service.dataSource.query<{ txid: string }[]>(statement, parameters);
  return Number(row?.txid);
}

async function begin(
  service: Service,
  statement: string,
  parameters: string[],
  toEvent: (txid: number) => MessagesPushed | GlobalMessagePushed,
): Promise<OpenPush> {
  const runner = service.dataSource.createQueryRunner();
  await runner.startTransaction();
  const [row] = (await runner.query(statement, parameters)) as { txid: string }[];
  return {
    commit: async () => {
      await runner.commitTransaction();
      await runner.release();
      service.events.publish(toEvent(Number(row?.txid)));
    },
  };
}
