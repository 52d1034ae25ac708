import { Client } from 'pg';
import { vi } from 'vitest';

/** A statement as it was sent to PostgreSQL. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What PostgreSQL did for a statement. */
export interface Plan {
  /** Each scan, such as `Index Scan using messages_pkey on messages`. */
  readonly scans: readonly string[];
  /** Rows and entries of indexes that the scans looked at, those that did not match among them. */
  readonly read: number;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Does `work`; gives the statements that read or change rows that were sent in the meantime by this process. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = [];
  const spy = vi.spyOn(Client.prototype, 'query');
  try {
    await work();
    for (const [query, values] of spy.mock.calls as unknown as [string | Statement, unknown[]?][])
      statements.push(typeof query === 'string' ? { text: query, values: values ?? [] } : query);
  } finally {
    spy.mockRestore();
  }
  return statements.filter(({ text }) => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/.test(text));
}

/** Runs a statement, undoes what it did, and gives its plan. */
export async function explain(client: Client, { text, values }: Statement): Promise<Plan> {
  await client.query('BEGIN');
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`,
      [...values],
    );
    const scans = nodesOf(rows[0]!['QUERY PLAN'][0].Plan).filter((node) => node['Relation Name'] ?? node['Index Name']);
    return { scans: scans.map(textOf), read: Math.round(scans.reduce((sum, scan) => sum + readBy(scan), 0)) };
  } finally {
    await client.query('ROLLBACK');
  }
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function textOf(scan: PlanNode): string {
  const using = scan['Index Name'] ? ` using ${scan['Index Name']}` : '';
  const on = scan['Relation Name'] ? ` on ${scan['Relation Name']}` : '';
  return `${scan['Node Type']}${using}${on}`;
}

function readBy(scan: PlanNode): number {
  const each =
    scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0) + (scan['Rows Removed by Index Recheck'] ?? 0);
  return each * scan['Actual Loops'];
}
