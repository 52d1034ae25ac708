import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets a crash of the database be seen: see `DatabaseLife`. */
export class MarkLives1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // PostgreSQL empties an unlogged table when it recovers from a crash, and a replica that takes over has none of its rows.
    await runner.query(`
      CREATE UNLOGGED TABLE homing_life (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        single boolean NOT NULL DEFAULT true CHECK (single),
        CONSTRAINT homing_life_pkey PRIMARY KEY (single)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE homing_life`);
  }
}
