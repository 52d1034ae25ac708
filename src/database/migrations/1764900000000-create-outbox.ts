import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What durable handlers of events are still to be given: see `OutboxMover` and ADR 25. */
export class CreateOutbox1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE homing_outbox (
        seq bigint GENERATED ALWAYS AS IDENTITY,
        event text NOT NULL,
        data jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
        CONSTRAINT homing_outbox_pkey PRIMARY KEY (seq)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE homing_outbox`);
  }
}
