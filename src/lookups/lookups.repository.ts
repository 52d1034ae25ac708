import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';
import type { LookupAnswer } from './lookup-answer.js';

/** How long the database may say nothing, in milliseconds. */
const PATIENCE = 2_000;

// Answers are read within seconds; whoever answers takes away those of before.
const ANSWER = new PreparedStatement(
  'homing_answer',
  `
  WITH old AS (DELETE FROM lookup_answers WHERE answered_at < now() - interval '1 minute')
  INSERT INTO lookup_answers (lookup, node, answered_at, answer) VALUES ($1, $2, now(), $3) ON CONFLICT DO NOTHING`,
  PATIENCE,
);
const ANSWERS = new PreparedStatement<{ readonly node: string; readonly answer: LookupAnswer }>(
  'homing_answers',
  `SELECT node, answer FROM lookup_answers WHERE lookup = $1`,
  PATIENCE,
);

/** What nodes answered. */
@Injectable()
export class LookupsRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async answer(lookup: string, node: string, answer: LookupAnswer): Promise<void> {
    await ANSWER.run(this.dataSource, [lookup, node, JSON.stringify(answer)]);
  }

  async answers(lookup: string): Promise<ReadonlyMap<string, LookupAnswer>> {
    const { rows } = await ANSWERS.run(this.dataSource, [lookup]);
    return new Map(rows.map(({ node, answer }) => [node, answer]));
  }
}
