import { beginUnder, type Place } from './tracing.js';

/** Stores rows in a table, within a span if the trace goes on here. It includes the wait for others that share the statement. */
export function inStoring<T>(
  parent: Place | undefined,
  table: string,
  rows: number,
  store: () => Promise<T>,
): Promise<T> {
  return parent === undefined ? store() : tracedStoring(parent, table, rows, store);
}

async function tracedStoring<T>(parent: Place, table: string, rows: number, store: () => Promise<T>): Promise<T> {
  const span = beginUnder(parent, `INSERT ${table}`, 'client', {
    'db.system.name': 'postgresql',
    'db.operation.name': 'INSERT',
    'db.collection.name': table,
    'homing.rows': rows,
  });
  try {
    const stored = await store();
    span?.end();
    return stored;
  } catch (error) {
    span?.end(error);
    throw error;
  }
}
