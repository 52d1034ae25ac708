import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The recipients whose tokens were revoked: see `RevokedRecipients`. */
export class CreateRevocations1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE recipient_revocations (
        tenant varchar(64) NOT NULL,
        recipient varchar(256) NOT NULL,
        revoked_at timestamptz NOT NULL,
        CONSTRAINT recipient_revocations_pkey PRIMARY KEY (tenant, recipient)
      )`);
    // What is new to a node, and what is too old to matter.
    await runner.query(`CREATE INDEX recipient_revocations_revoked_at ON recipient_revocations (revoked_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE recipient_revocations`);
  }
}
