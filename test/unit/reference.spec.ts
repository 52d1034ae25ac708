import { readFileSync } from 'node:fs';
import { buildSchema, isInputObjectType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { missingTests } from '../support/named-tests.js';

const TEXT = readFileSync('test/reference.md', 'utf8');
const ROWS = TEXT.split('\n').filter((line) => line.startsWith('|') && !/^\|\s*(?:-|Reference )/.test(line));
describe('the list of what the reference promises', () => {
  it('names a test in every row', () => {
    expect(ROWS.length).toBeGreaterThan(70);
    for (const row of ROWS) expect(row).toMatch(/`test\/[^`]+\.spec\.ts`: `[^`]+`/);
  });

  it('names no test that does not exist', () => {
    expect(missingTests(TEXT)).toEqual([]);
  });

  it('has a row for every query, mutation, argument and field of the schema', () => {
    const first = new Set(ROWS.map((row) => /^\|\s*`([^`]+)`/.exec(row)?.[1]));
    const missing: string[] = [];
    for (const type of Object.values(buildSchema(readFileSync('schema.graphql', 'utf8')).getTypeMap())) {
      if (type.name.startsWith('__') || !(isObjectType(type) || isInputObjectType(type))) continue;
      const isRoot = type.name === 'Query' || type.name === 'Mutation';
      for (const field of Object.values(type.getFields())) {
        const name = isRoot ? field.name : `${type.name}.${field.name}`;
        const args: readonly { name: string }[] = 'args' in field ? field.args : [];
        const names = [name, ...args.map((argument) => `${name}(${argument.name})`)];
        missing.push(...names.filter((each) => !first.has(each)));
      }
    }
    expect(missing).toEqual([]);
  });
});
