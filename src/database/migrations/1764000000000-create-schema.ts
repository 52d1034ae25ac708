import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first schema. Each index names the statement that needs it. */
export class CreateSchema1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The service's one clock. Truncated to the milliseconds that the API shows, so that what is compared is what is seen.
    // A test may replace this function to set the time.
    await runner.query(`
      CREATE FUNCTION homing_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
      AS $$ SELECT date_trunc('milliseconds', statement_timestamp()) $$`);

    // One sequence orders messages and global messages alike: unlike a clock it never runs backwards.
    await runner.query(`CREATE SEQUENCE homing_seq AS bigint`);
    await runner.query(`CREATE TYPE message_status AS ENUM ('PENDING', 'DELIVERED', 'CANCELLED')`);

    await runner.query(`
      CREATE TABLE access_keys (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        prefix varchar(16) NOT NULL,
        hash varchar(64) NOT NULL,
        tenant varchar(64) NOT NULL,
        name varchar(100) NOT NULL,
        scopes text array NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz,
        CONSTRAINT access_keys_pkey PRIMARY KEY (id),
        CONSTRAINT access_keys_prefix_key UNIQUE (prefix)
      )`);

    await runner.query(`
      CREATE TABLE global_messages (
        seq bigint NOT NULL DEFAULT nextval('homing_seq'::regclass),
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        tenant varchar(64) NOT NULL,
        topic varchar(256),
        message text NOT NULL,
        expires_at timestamptz,
        created_at timestamptz NOT NULL,
        deliver_until timestamptz NOT NULL,
        txid bigint NOT NULL,
        CONSTRAINT global_messages_pkey PRIMARY KEY (seq),
        CONSTRAINT global_messages_id_key UNIQUE (id)
      )`);
    // The inbox: global messages that a connecting recipient may still get.
    await runner.query(`CREATE INDEX global_messages_deliver_until ON global_messages (tenant, deliver_until)`);
    // The fan-out: what became visible since a snapshot.
    await runner.query(`CREATE INDEX global_messages_txid ON global_messages (tenant, txid)`);
    // Pages of the query globalMessages.
    await runner.query(`CREATE INDEX global_messages_tenant ON global_messages (tenant, seq)`);

    await runner.query(`
      CREATE TABLE messages (
        seq bigint NOT NULL DEFAULT nextval('homing_seq'::regclass),
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        tenant varchar(64) NOT NULL,
        recipient varchar(256) NOT NULL,
        topic varchar(256),
        message text,
        status message_status NOT NULL DEFAULT 'PENDING',
        expires_at timestamptz,
        created_at timestamptz NOT NULL,
        delivered_at timestamptz,
        cancelled_at timestamptz,
        global_message_id uuid,
        txid bigint NOT NULL,
        CONSTRAINT messages_pkey PRIMARY KEY (seq)
      )`);
    // The backlog of a connecting recipient, oldest first.
    await runner.query(`CREATE INDEX messages_pending ON messages (tenant, recipient, seq) WHERE status = 'PENDING'`);
    // The news of a connected recipient: what became visible since a snapshot. Pages filtered by recipient use it too.
    await runner.query(`CREATE INDEX messages_txid ON messages (tenant, recipient, txid)`);
    // The expiry sweep.
    await runner.query(
      `CREATE INDEX messages_expiring ON messages (expires_at) WHERE status = 'PENDING' AND expires_at IS NOT NULL`,
    );
    // Pages of the query messages.
    await runner.query(`CREATE INDEX messages_tenant ON messages (tenant, seq) WHERE global_message_id IS NULL`);
    // A recipient proves a global message once, and the reach report reads by it.
    await runner.query(
      `CREATE UNIQUE INDEX messages_global ON messages (global_message_id, recipient) WHERE global_message_id IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE messages, global_messages, access_keys`);
    await runner.query(`DROP TYPE message_status`);
    await runner.query(`DROP SEQUENCE homing_seq`);
    await runner.query(`DROP FUNCTION homing_now()`);
  }
}
