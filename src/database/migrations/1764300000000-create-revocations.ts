import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The recipients whose tokens were revoked: see `RevokedRecipients`. */
export class CreateRevocations1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE revocations (
        tenant varchar(64) NOT NULL,
        recipient varchar(256) NOT NULL,
        revoked_at timestamptz NOT NULL,
        CONSTRAINT revocations_pkey PRIMARY KEY (tenant, recipient)
      )`);
    // What is new to a node, and what is too old to matter.
    await runner.query(`CREATE INDEX revocations_revoked_at ON revocations (revoked_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE revocations`);
  }
}
