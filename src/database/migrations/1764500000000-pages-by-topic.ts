import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets a page of the messages of one topic be found: see `MessagesRepository`. */
export class PagesByTopic1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Costs nothing for messages without a topic.
    await runner.query(`
      CREATE INDEX messages_topic ON messages (tenant, topic, seq) WHERE topic IS NOT NULL AND global_message_id IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX messages_topic`);
  }
}
