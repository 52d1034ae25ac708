import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { allows, OPERATIONS, parseScopes } from '../../src/access/scope.js';

// The same cases in each run.
fc.configureGlobal({ seed: 6_455 });

const ALL = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';
const FIELDS = {
  query: ['globalMessages', 'messages', 'version', '__schema'],
  mutation: ['pushGlobalMessage', 'pushMessage', 'registerRecipient'],
};
const EVERY = Object.entries(FIELDS).flatMap(([kind, fields]) =>
  fields.map((field) => `websockets-manager-api:${kind}:${field}`),
);
const kind = fc.constantFrom('query', 'mutation');
const field = fc.constantFrom(...FIELDS.query, ...FIELDS.mutation);

describe('the scopes of a key', () => {
  it.each([
    ['websockets-manager-api:query:*', ['websockets-manager-api:query:*']],
    [ALL, ALL.split(' ')],
    ['  *:query:version \t\n *:mutation:*  ', ['*:query:version', '*:mutation:*']],
    ['*:*:*', ['*:*:*']],
  ])('are separated by spaces: %j', (text, scopes) => {
    expect(parseScopes(text)).toEqual(scopes);
  });

  it.each(['', ' ', '\n'])('are one at least: %j is refused with a sentence', (text) => {
    expect(() => parseScopes(text)).toThrow('At least one scope is needed, such as websockets-manager-api:mutation:*.');
  });

  it.each([
    '*',
    'websockets-manager-api',
    'websockets-manager-api:query',
    'websockets-manager-api:query:',
    ':query:version',
    'websockets-manager-api::version',
    'websockets-manager-api:query:version:x',
    'websockets-manager-api:subscription:*',
    'websockets-manager-api:Query:version',
    'websockets-manager-api:query:ver*',
    'websockets-manager-api:query:**',
    'websockets-manager-api:query:1version',
    'websockets-manager-api:query:é',
    'websockets-manager-api,query,version',
    'websockets-manager-api:query:*,websockets-manager-api:mutation:*',
  ])('have three segments: %s is refused with a sentence that names it', (scope) => {
    expect(() => parseScopes(`${ALL} ${scope}`)).toThrow(`"${scope}" is not a scope. A scope is`);
  });

  it.each([
    'websockets-manager-api:query:pushMessage',
    'websockets-manager-api:mutation:pushMesage',
    'websockets-manager-api:mutation:pushmessage',
    'websockets-manager-api:*:recipients',
    'websocket-manager-api:query:*',
  ])('cover an operation: %s is refused with a sentence that names those there are', (scope) => {
    expect(() => parseScopes(`${ALL} ${scope}`)).toThrow(`"${scope}" covers no operation.`);
    for (const operation of OPERATIONS) expect(() => parseScopes(scope)).toThrow(operation);
  });

  it('know every operation of the schema', () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const named = (['query', 'mutation'] as const).flatMap((kindOf) => {
      const type = kindOf === 'query' ? schema.getQueryType() : schema.getMutationType();
      return Object.keys(type?.getFields() ?? {}).map((name) => `${kindOf}:${name}`);
    });
    expect([...OPERATIONS].sort()).toEqual(named.sort());
  });
});

describe('a scope', () => {
  it('of all queries and mutations, as the reference writes it, allows each of them', () => {
    for (const needed of EVERY) expect(allows(parseScopes(ALL), needed), needed).toBe(true);
  });

  it.each([
    ['websockets-manager-api:query:*', FIELDS.query.map((name) => `websockets-manager-api:query:${name}`)],
    ['websockets-manager-api:mutation:*', FIELDS.mutation.map((name) => `websockets-manager-api:mutation:${name}`)],
    ['websockets-manager-api:mutation:pushMessage', ['websockets-manager-api:mutation:pushMessage']],
    ['websockets-manager-api:query:pushMessage', []],
    ['websockets-manager-api:mutation:pushmessage', []],
    ['websockets-manager-api:*:version', ['websockets-manager-api:query:version']],
    ['*:query:version', ['websockets-manager-api:query:version']],
    ['another-service:*:*', []],
    ['*:*:*', EVERY],
  ])('%s allows what it covers and nothing else', (scope, covered) => {
    expect(EVERY.filter((needed) => allows([scope], needed))).toEqual(covered);
  });

  it('covers itself', () => {
    fc.assert(
      fc.property(kind, field, (ofKind, ofField) => {
        const scope = `websockets-manager-api:${ofKind}:${ofField}`;
        expect(allows([scope], scope)).toBe(true);
      }),
    );
  });

  it('with a star in place of any segment covers no less, and without one nothing but itself', () => {
    fc.assert(
      fc.property(kind, field, kind, field, fc.nat(2), (k, f, otherKind, otherField, place) => {
        const scope = ['websockets-manager-api', k, f];
        const needed = `websockets-manager-api:${otherKind}:${otherField}`;
        const exact = allows([scope.join(':')], needed);
        expect(exact).toBe(k === otherKind && f === otherField);
        if (exact) expect(allows([scope.with(place, '*').join(':')], needed)).toBe(true);
      }),
    );
  });

  it('adds to the others and never takes away', () => {
    const scopes = fc.array(
      fc.constantFrom(...EVERY, 'websockets-manager-api:query:*', 'a:query:version', '*:mutation:*'),
    );
    fc.assert(
      fc.property(scopes, scopes, fc.constantFrom(...EVERY), (some, more, needed) => {
        expect(allows([...some, ...more], needed)).toBe(allows(some, needed) || allows(more, needed));
      }),
    );
  });

  it('is not what a caller can choose the name of: no scope covers a field of more or fewer segments', () => {
    for (const needed of ['', '*', 'websockets-manager-api:query', 'websockets-manager-api:query:a:b'])
      expect(allows(parseScopes('*:*:* websockets-manager-api:query:*'), needed)).toBe(false);
    expect(allows([], 'websockets-manager-api:query:version')).toBe(false);
  });
});
