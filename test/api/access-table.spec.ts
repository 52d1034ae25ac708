import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS as SCOPES } from '../../src/access/scope.js';
import { eventually } from '../support/eventually.js';
import { OPERATIONS } from '../support/operations.js';
import { type Answer, good, queueIsHere, Service } from '../support/service.js';

const ALL: Record<string, { query: string; variables: object }> = {
  ...OPERATIONS,
  version: { query: '{ version }', variables: {} },
};
const SERVICE = 'websockets-manager-api';
const NAMES = Object.keys(ALL);

const ALLOWED = { status: 200, code: null };
const UNAUTHENTICATED = { status: 401, code: 'UNAUTHENTICATED' };
const FORBIDDEN = { status: 200, code: 'FORBIDDEN' };

/** What each key is, and what every operation answers to it. `kind:field` is the operation's scope without its first segment. */
const KEYS: Record<
  string,
  { scope?: (kind: string, field: string) => string; cell: typeof UNAUTHENTICATED | typeof ALLOWED }
> = {
  'no key': { cell: UNAUTHENTICATED },
  'an unknown key': { cell: UNAUTHENTICATED },
  'an expired key': { scope: () => '*:*:*', cell: UNAUTHENTICATED },
  'a revoked key': { scope: () => '*:*:*', cell: UNAUTHENTICATED },
  'every scope but its own': {
    scope: (kind, field) =>
      SCOPES.filter((name) => name !== `${kind}:${field}`)
        .map((name) => `${SERVICE}:${name}`)
        .join(' '),
    cell: FORBIDDEN,
  },
  'its exact scope': { scope: (kind, field) => `${SERVICE}:${kind}:${field}`, cell: ALLOWED },
  'a wildcard for the service': { scope: (kind, field) => `*:${kind}:${field}`, cell: ALLOWED },
  'a wildcard for the kind': { scope: (_kind, field) => `${SERVICE}:*:${field}`, cell: ALLOWED },
  'a wildcard for the field': { scope: (kind) => `${SERVICE}:${kind}:*`, cell: ALLOWED },
  'a key of another tenant': { scope: (kind, field) => `${SERVICE}:${kind}:${field}`, cell: ALLOWED },
};

describe.runIf(queueIsHere)('every operation, with every kind of key', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ FAILED_KEY_RATE: '1000' });
    await service.push('a', 'ours', { topic: 'topic', expiresAt: '2098-01-01' });
    await service.pushGlobal('ours', { topic: 'topic', expiresAt: '2098-01-01' });
  });
  afterAll(async () => service.stop());

  async function makeKey(what: string, name: string): Promise<string | null> {
    const kind = SCOPES.find((operation) => operation.endsWith(`:${name}`))?.split(':')[0] ?? '';
    const scope = KEYS[what]?.scope?.(kind, name);
    if (scope === undefined) return what === 'no key' ? null : `homing_${'0'.repeat(10)}_${'0'.repeat(48)}`;
    const tenant = what === 'a key of another tenant' ? 'other' : 'acme';
    const key = await service.createKey({ tenant, scope, ...(what === 'an expired key' && { expiresIn: 0 }) });
    if (what === 'a revoked key') await service.keys.revoke(key.split('_')[1]!);
    return key;
  }

  const run = (name: string, key: string | null): Promise<Answer> =>
    service.graphql(ALL[name]!.query, withoutGlobalId(ALL[name]!.variables), key);

  it.each(NAMES.flatMap((name) => Object.keys(KEYS).map((what) => [name, what] as const)))(
    '%s with %s',
    async (name, what) => {
      const { cell } = KEYS[what]!;
      const answer = await run(name, await makeKey(what, name));
      expect({ status: answer.status, code: answer.errors[0]?.extensions.code ?? null }, answer.text).toEqual(cell);
      if (cell !== ALLOWED) expect(answer.data?.[name] ?? null).toBeNull();
      if (cell === FORBIDDEN)
        expect(answer.errors[0]!.message).toMatch(new RegExp(`${SERVICE}:(query|mutation):${name}\\.$`));
    },
  );

  it('are all that there are', () => {
    expect(SCOPES.map((operation) => operation.split(':')[1]).sort()).toEqual([...NAMES].sort());
  });

  it('of another tenant see, change and reach nothing of ours', async () => {
    const other = await service.createKey({ tenant: 'third' });
    const before = await service.messages();
    const ours = await service.connect({ recipient: 'a', topic: 'topic' });
    for (const name of ['messages', 'globalMessages'])
      expect(good(await run(name, other))[name]).toEqual({ items: [], nextToken: null });
    await service.push('a', 'theirs', { topic: 'topic' }, other);
    await service.pushGlobal('theirs', { topic: 'topic' }, other);
    await service.connect({ recipient: 'a', topic: 'topic' }, {}, other);
    await service.push('a', 'last', { topic: 'topic' });
    await eventually(() => expect(ours.messages).toContain('last'));
    expect(ours.messages).not.toContain('theirs');
    expect((await service.messages()).slice(1).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });
});

/** A global message that nobody has would hide what else the filter lets through. */
function withoutGlobalId(variables: object): object {
  const { filter, ...others } = variables as { filter?: { globalMessageId?: string } };
  if (!filter) return variables;
  const { globalMessageId: _, ...rest } = filter;
  return { ...others, filter: rest };
}
