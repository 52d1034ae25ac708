import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The index of backlogs, by topic too: what waits for a connection of another topic is not looked at. */
export class PendingByTopic1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // `seq + 0` is what the statement orders by, so that the planner can't walk the primary key instead.
    await runner.query(
      `CREATE INDEX messages_backlog ON messages (tenant, recipient, coalesce(topic, ''), (seq + 0)) WHERE status = 'PENDING'`,
    );
    await runner.query(`DROP INDEX messages_pending`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX messages_pending ON messages (tenant, recipient, seq) WHERE status = 'PENDING'`);
    await runner.query(`DROP INDEX messages_backlog`);
  }
}
