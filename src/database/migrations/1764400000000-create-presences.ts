import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which nodes have connections of whom: see `PostgresRelay`. */
export class CreatePresences1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What is true of running nodes alone need not outlive a crash; they write it again.
    await runner.query(`
      CREATE UNLOGGED TABLE nodes (
        node text NOT NULL,
        seen_at timestamptz NOT NULL,
        CONSTRAINT nodes_pkey PRIMARY KEY (node)
      )`);
    await runner.query(`
      CREATE UNLOGGED TABLE presences (
        tenant text NOT NULL,
        recipient text NOT NULL,
        node text NOT NULL,
        CONSTRAINT presences_pkey PRIMARY KEY (tenant, recipient, node)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE presences`);
    await runner.query(`DROP TABLE nodes`);
  }
}
