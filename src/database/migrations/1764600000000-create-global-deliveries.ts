import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Gives the deliveries of global messages a table of their own: few columns and two indexes instead of the many of `messages`,
 * since a global message writes as many rows as it has recipients.
 */
export class CreateGlobalDeliveries1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A recipient proves a global message once. Names are compared byte by byte, whatever the database's language.
    await runner.query(`
      CREATE TABLE global_deliveries (
        global_seq bigint NOT NULL,
        recipient varchar(256) COLLATE "C" NOT NULL,
        seq bigint NOT NULL DEFAULT nextval('homing_seq'::regclass),
        delivered_at timestamptz NOT NULL,
        CONSTRAINT global_deliveries_pkey PRIMARY KEY (global_seq, recipient)
      )`);
    await runner.query(`
      INSERT INTO global_deliveries (global_seq, recipient, seq, delivered_at)
      SELECT g.seq, m.recipient, m.seq, m.delivered_at FROM messages m JOIN global_messages g ON g.id = m.global_message_id`);
    // Pages of the query messages by globalMessageId.
    await runner.query(`CREATE INDEX global_deliveries_seq ON global_deliveries (global_seq, seq)`);

    await runner.query(`DELETE FROM messages WHERE global_message_id IS NOT NULL`);
    await runner.query(`DROP INDEX messages_global, messages_tenant, messages_topic`);
    await runner.query(`ALTER TABLE messages DROP COLUMN global_message_id`);
    await runner.query(`ALTER TABLE messages ALTER COLUMN message SET NOT NULL`);
    await runner.query(`CREATE INDEX messages_tenant ON messages (tenant, seq)`);
    await runner.query(`CREATE INDEX messages_topic ON messages (tenant, topic, seq) WHERE topic IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX messages_tenant, messages_topic`);
    await runner.query(`ALTER TABLE messages ALTER COLUMN message DROP NOT NULL, ADD COLUMN global_message_id uuid`);
    await runner.query(`
      INSERT INTO messages (seq, tenant, recipient, topic, status, expires_at, created_at, delivered_at, global_message_id, txid)
      SELECT d.seq, g.tenant, d.recipient, g.topic, 'DELIVERED', g.expires_at, g.created_at, d.delivered_at, g.id, g.txid
      FROM global_deliveries d JOIN global_messages g ON g.seq = d.global_seq`);
    await runner.query(`CREATE INDEX messages_tenant ON messages (tenant, seq) WHERE global_message_id IS NULL`);
    await runner.query(
      `CREATE UNIQUE INDEX messages_global ON messages (global_message_id, recipient) WHERE global_message_id IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX messages_topic ON messages (tenant, topic, seq) WHERE topic IS NOT NULL AND global_message_id IS NULL`,
    );
    await runner.query(`DROP TABLE global_deliveries`);
  }
}
