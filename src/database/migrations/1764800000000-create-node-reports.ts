import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What nodes say of themselves, and what they answer when they are asked for a recipient: see `NodeReports` and `Lookups`. */
export class CreateNodeReports1764800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What is true of running nodes alone need not outlive a crash; they write it again.
    await runner.query(`
      CREATE UNLOGGED TABLE node_reports (
        node text NOT NULL,
        seen_at timestamptz NOT NULL,
        report jsonb NOT NULL,
        CONSTRAINT node_reports_pkey PRIMARY KEY (node)
      )`);
    await runner.query(`
      CREATE UNLOGGED TABLE lookup_answers (
        lookup text NOT NULL,
        node text NOT NULL,
        answered_at timestamptz NOT NULL,
        answer jsonb NOT NULL,
        CONSTRAINT lookup_answers_pkey PRIMARY KEY (lookup, node)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE lookup_answers`);
    await runner.query(`DROP TABLE node_reports`);
  }
}
