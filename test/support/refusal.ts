import { expect } from 'vitest';
import type { Answer, Service } from './service.js';

/** What only the inside of the service knows: SQL, stack traces, paths of its files. */
const INSIDE =
  /\b(?:select|insert into|delete from|returning|relation|pg_\w+|queryfailed\w*)\b|node_modules|\bat \S+ \(|\.[jt]s:\d|stacktrace|call stack/i;

/** Expects that an answer is a refusal that the caller can act on, and that shows nothing of the inside. */
export function expectRefusal(answer: Answer<unknown>, code: string, field?: string): void {
  expect(answer.errors[0]?.extensions.code, answer.text).toBe(code);
  if (field !== undefined) expect(answer.errors[0]?.extensions.field, answer.text).toBe(field);
  expect(answer.errors[0]?.message).toMatch(/\w+ \w+/);
  expect(answer.status, answer.text).toBeLessThan(500);
  expectNothingOfTheInside(answer.text);
}

export function expectNothingOfTheInside(text: string): void {
  expect(text).not.toMatch(INSIDE);
}

/** How many messages and global messages are stored, whosesoever. */
export async function storedRows(service: Service): Promise<number> {
  const [{ count }] = await service.dataSource.query(
    'SELECT (SELECT count(*) FROM messages)::int + (SELECT count(*) FROM global_messages)::int AS count',
  );
  return count as number;
}

/** Expects that nothing was stored since there were so many rows, and that no prototype was polluted meanwhile. */
export async function expectNothingStored(service: Service, before: number): Promise<void> {
  expect(await storedRows(service)).toBe(before);
  expect(Object.keys(Object.prototype)).toEqual([]);
}
