import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each filter of the queries messages and globalMessages has an index that serves it, in the order of the pages: ADR 17. */
export class PagesByTime1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX messages_tenant, messages_topic, messages_txid, global_messages_tenant`);
    // Only a query that says seq > 0 can take it: it holds all of a tenant, and looks as good to the planner for what is rare.
    await runner.query(`CREATE INDEX messages_tenant ON messages (tenant, created_at, seq) WHERE seq > 0`);
    await runner.query(
      `CREATE INDEX messages_topic ON messages (tenant, topic, created_at, seq) WHERE topic IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX messages_expires_at ON messages (tenant, expires_at) WHERE expires_at IS NOT NULL`,
    );
    // The news of a connected recipient, and the pages of its messages.
    await runner.query(`CREATE INDEX messages_txid ON messages (tenant, recipient, txid, seq)`);

    await runner.query(
      `CREATE INDEX global_messages_tenant ON global_messages (tenant, created_at, seq) WHERE seq > 0`,
    );
    await runner.query(
      `CREATE INDEX global_messages_topic ON global_messages (tenant, topic, created_at, seq) WHERE topic IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX global_messages_expires_at ON global_messages (tenant, expires_at) WHERE expires_at IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX global_messages_tenant, global_messages_topic, global_messages_expires_at`);
    await runner.query(`DROP INDEX messages_tenant, messages_topic, messages_expires_at, messages_txid`);
    await runner.query(`CREATE INDEX messages_tenant ON messages (tenant, seq)`);
    await runner.query(`CREATE INDEX messages_topic ON messages (tenant, topic, seq) WHERE topic IS NOT NULL`);
    await runner.query(`CREATE INDEX messages_txid ON messages (tenant, recipient, txid)`);
    await runner.query(`CREATE INDEX global_messages_tenant ON global_messages (tenant, seq)`);
  }
}
