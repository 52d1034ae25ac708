import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PreparedStatement } from '../database/prepared-statement.js';
import type { NodeReport, SeenNode } from './node-report.js';

/** How long the database may say nothing, in milliseconds. Nobody waits for a report. */
const PATIENCE = 2_000;
/** What has said nothing for so long is forgotten. */
const FORGOTTEN_AFTER = "interval '10 minutes'";

// Tells the time by no clock that could be set in a test.
const REPORT = new PreparedStatement(
  'homing_report',
  `
  WITH forgotten AS (DELETE FROM node_reports WHERE node <> $1 AND seen_at < now() - ${FORGOTTEN_AFTER})
  INSERT INTO node_reports (node, seen_at, report) VALUES ($1, now(), $2)
  ON CONFLICT (node) DO UPDATE SET seen_at = excluded.seen_at, report = excluded.report`,
  PATIENCE,
);
const LEAVE = new PreparedStatement('homing_leave', `DELETE FROM node_reports WHERE node = $1`, PATIENCE);
const SEEN = new PreparedStatement<{ readonly node: string; readonly age: number; readonly report: NodeReport }>(
  'homing_seen',
  `
  SELECT node, report, greatest(0, extract(epoch FROM now() - seen_at) * 1000)::float8 AS age FROM node_reports
  WHERE seen_at >= now() - ${FORGOTTEN_AFTER}`,
  PATIENCE,
);

/** The reports of all nodes, a row for each. */
@Injectable()
export class NodesRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async report(node: string, report: NodeReport): Promise<void> {
    await REPORT.run(this.dataSource, [node, JSON.stringify(report)]);
  }

  async leave(node: string): Promise<void> {
    await LEAVE.run(this.dataSource, [node]);
  }

  /** The last report of each node that said something in the last minutes. */
  async seen(): Promise<SeenNode[]> {
    const { rows } = await SEEN.run(this.dataSource, []);
    return rows.map(({ node, age, report }) => ({ ...report, node, age }));
  }
}
