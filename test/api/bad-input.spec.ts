import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asLiteral, OPERATION_NAMES, OPERATIONS, type OperationName, withValue } from '../support/operations.js';
import { expectNothingStored, expectRefusal, storedRows } from '../support/refusal.js';
import { good, queueIsHere, Service } from '../support/service.js';

const LONG = 'x'.repeat(257);
const NUL = 'a\u0000b';
const LONE_SURROGATE = 'a\ud800b';

const EMPTY = ['an empty text', ''] as const;
const TOO_LONG = ['a text of 257 characters', LONG] as const;
const UNREADABLE = [
  ['a text with U+0000', NUL],
  ['a text with a lone surrogate', LONE_SURROGATE],
] as const;
const NAME = [EMPTY, TOO_LONG, ...UNREADABLE];
const NO_DATE = [
  ...NAME,
  ...[
    'yesterday',
    'now',
    'infinity',
    '2099-02-30',
    '2099-13-01',
    '2099-00-10',
    '2099-1-1',
    '20990101',
    '2099-W01-1',
    '2099-01-01T24:00:00Z',
    '2099-01-01T23:60:00Z',
    '2099-01-01T23:59:60Z',
    '2099-01-01T00:00:00+24:00',
    '2099-01-01T00:00:00 Europe/Berlin',
    '2099-01-01 00:00:00',
    ' 2099-01-01',
    '2099-01-01Z',
    '0000-01-01',
    '10000-01-01',
    '-2099-01-01',
    '+275760-09-13',
    '9999-12-31T23:59:59-01:00',
    '٢٠٩٩-01-01',
    '4070908800000',
    "2099-01-01'; DROP TABLE messages; --",
  ].map((text) => [`the text ${JSON.stringify(text)}`, text] as const),
] as const;

/** Every field of every input, and the texts that it refuses. A filter may name what can't exist, and finds nothing. */
const TEXTS: readonly [OperationName, string, readonly (readonly [string, string])[]][] = [
  ['pushMessage', 'input.message', [['a text of 64 KiB and one byte', 'x'.repeat(65_537)], ...UNREADABLE]],
  ['pushMessage', 'input.topic', NAME],
  ['pushMessage', 'input.expiresAt', [['a time in the past', '2023-07-18T15:00:00'], ...NO_DATE]],
  ['pushGlobalMessage', 'input.message', [['a text of 64 KiB and one byte', 'x'.repeat(65_537)], ...UNREADABLE]],
  ['pushGlobalMessage', 'input.topic', NAME],
  ['pushGlobalMessage', 'input.expiresAt', [['a time in the past', '2023-07-18T15:00:00'], ...NO_DATE]],
  ['registerRecipient', 'input.recipient', NAME],
  ['registerRecipient', 'input.topic', NAME],
  ['registerRecipient', 'input.sourceIp', [...NAME, ['a name', 'localhost'], ['a range of 33 bits', '10.0.0.0/33']]],
  ['registerRecipient', 'input.origin', [...NAME, ['a name', 'example.org'], ['a page', 'https://example.org/page']]],
  ['messages', 'filter.recipient', UNREADABLE],
  ['messages', 'filter.topic', UNREADABLE],
  ['messages', 'filter.globalMessageId', [...NAME, ['an SQL text', "x' OR '1'='1"]]],
  ['messages', 'filter.createdAt.from', NO_DATE],
  ['messages', 'filter.createdAt.to', NO_DATE],
  ['messages', 'filter.expiresAt.from', NO_DATE],
  ['messages', 'filter.expiresAt.to', NO_DATE],
  ['messages', 'nextToken', [...NAME, ['a text that is no token', 'nonsense'], ['an SQL text', "x' OR '1'='1"]]],
  ['globalMessages', 'filter.topic', UNREADABLE],
  ['globalMessages', 'filter.createdAt.from', NO_DATE],
  ['globalMessages', 'filter.createdAt.to', NO_DATE],
  ['globalMessages', 'filter.expiresAt.from', NO_DATE],
  ['globalMessages', 'filter.expiresAt.to', NO_DATE],
  ['globalMessages', 'nextToken', [...NAME, ['a text that is no token', 'nonsense']]],
];

const NO_TEXT = [5, 1e308, -0.5, true, {}, { toString: 'x' }, [[]], ['x', 'y'], JSON.parse('{"__proto__":{"x":1}}')];
const NO_LIMIT = [0, -1, 1_001, 1.5, 1e308, 2 ** 31, '10', '', true, {}, []];
const NO_OBJECT = ['text', '', 5, true, [], [{}]];
/** What takes lists takes a single value as a list of one. */
const NO_RECIPIENTS = [[], null, 5, {}, [null], [5], [['a']], [{}], ['a', null], Array(10_001).fill('a')];

type Row = readonly [operation: OperationName, path: string, what: string, value: unknown];

const row = (name: OperationName, path: string, value: unknown): Row => [
  name,
  path,
  JSON.stringify(value).slice(0, 40),
  value,
];

const WRONG_TEXTS: readonly Row[] = TEXTS.flatMap(([name, path, values]) =>
  values.map(([what, value]): Row => [name, path, what, value]),
);

const WRONG_TYPES: readonly Row[] = [
  ...TEXTS.flatMap(([name, path]) => NO_TEXT.map((value) => row(name, path, value))),
  ...(['messages', 'globalMessages'] as const).flatMap((name) => [
    ...NO_LIMIT.map((value) => row(name, 'limit', value)),
    ...['filter', 'filter.createdAt', 'filter.expiresAt'].flatMap((path) =>
      NO_OBJECT.map((value) => row(name, path, value)),
    ),
  ]),
  ...(['pushMessage', 'pushGlobalMessage', 'registerRecipient'] as const).flatMap((name) =>
    [...NO_OBJECT, null].map((value) => row(name, 'input', value)),
  ),
  ...NO_RECIPIENTS.map((value) => row('pushMessage', 'input.recipients', value)),
  row('pushMessage', 'input.message', null),
  row('pushGlobalMessage', 'input.message', null),
  row('registerRecipient', 'input.recipient', null),
];

const NO_DATE_LITERALS: readonly Row[] = TEXTS.filter(([, path]) => path === 'input.expiresAt').flatMap(
  ([name, path]) =>
    ['"tomorrow"', '5', 'TOMORROW', '["2099-01-01"]', '{from: "2099-01-01"}', 'false'].map((value): Row => [
      name,
      path,
      value,
      value,
    ]),
);

const UNKNOWN_FIELDS: readonly Row[] = OPERATION_NAMES.flatMap((name) =>
  ['nope', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'status', 'tenant', 'a b', ''].map((field) =>
    row(name, name.endsWith('essages') ? 'filter' : 'input', field),
  ),
);

describe.runIf(queueIsHere)('bad input', () => {
  let service: Service;
  let before: number;
  beforeAll(async () => {
    service = await Service.start();
  });
  beforeEach(async () => {
    before = await storedRows(service);
  });
  afterEach(async () => {
    await expectNothingStored(service, before);
  });
  afterAll(async () => service.stop());

  const send = (name: OperationName, path: string, value: unknown) =>
    service.graphql(OPERATIONS[name].query, withValue(OPERATIONS[name].variables, path, value));

  it.each(WRONG_TEXTS)('of %s is refused: %s given %s', async (name, path, _what, value) => {
    expectRefusal(await send(name, path, value), 'BAD_USER_INPUT', path);
  });

  it.each(WRONG_TYPES)('of %s is refused: %s given %s, which has the wrong type', async (name, path, _what, value) => {
    const answer = await send(name, path, value);
    expectRefusal(answer, 'BAD_USER_INPUT');
    expect(answer.errors[0]!.extensions.field, answer.text).toMatch(new RegExp(`^${path}(?:$|\\.)`));
  });

  it.each(WRONG_TYPES)('of %s is refused as a literal too: %s given %s', async (name, path, _what, value) => {
    const answer = await service.graphql(asLiteral(name, withValue(OPERATIONS[name].variables, path, value)));
    // What does not fit the schema is found before the values are looked at.
    const misfit = answer.errors[0]?.extensions.code === 'GRAPHQL_VALIDATION_FAILED';
    expectRefusal(answer, misfit ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT');
  });

  it.each(NO_DATE_LITERALS)(
    'of %s is refused with the path of the field: %s given the literal %s',
    async (name, path, literal) => {
      const document = asLiteral(name, withValue(OPERATIONS[name].variables, path, 'HERE')).replace('"HERE"', literal);
      expectRefusal(await service.graphql(document), 'BAD_USER_INPUT', path);
    },
  );

  it('is refused with the path of the field it was meant for, whatever the variable is called', async () => {
    const document = `mutation($a: DateTime, $b: String!) { pushMessage(input: {recipients: ["a"], message: $b, expiresAt: $a}) { item { id } } }`;
    expectRefusal(await service.graphql(document, { a: 'never', b: 'text' }), 'BAD_USER_INPUT', 'input.expiresAt');
    expectRefusal(await service.graphql(document, { a: null, b: 5 }), 'BAD_USER_INPUT', 'input.message');
    expectRefusal(await service.graphql(document, {}), 'BAD_USER_INPUT', 'input.message');
  });

  it.each(UNKNOWN_FIELDS)(
    'of %s is refused: %s given the field %s, which it does not have',
    async (name, path, field) => {
      const body = JSON.stringify({ query: OPERATIONS[name].query, variables: OPERATIONS[name].variables });
      const answer = await service.post(body.replace(`"${path}":{`, `"${path}":{${field}:{"x":1},`));
      expectRefusal(answer, 'BAD_USER_INPUT');
    },
  );

  it('is answered shortly, however large it is and however many mistakes it has', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`unknown${i}`, 1]));
    const input = { recipients: ['a'], message: 'x'.repeat(1_000_000), ...unknown };
    const answer = await service.graphql(OPERATIONS.pushMessage.query, { input });
    expectRefusal(answer, 'BAD_USER_INPUT', 'input.unknown0');
    expect(answer.text.length).toBeLessThan(1_000);
    const long = await send('messages', 'limit', 'x'.repeat(1_000_000));
    expectRefusal(long, 'BAD_USER_INPUT', 'limit');
    expect(long.text.length).toBeLessThan(1_000);
  });

  it.each([
    ['an empty name', ''],
    ['a name of 257 characters', LONG],
    ['a name with U+0000', NUL],
    ['a name with a lone surrogate', LONE_SURROGATE],
  ])('among many recipients is the error of that recipient: %s', async (_what, recipient) => {
    const answer = await service.graphql(OPERATIONS.pushMessage.query, {
      input: { recipients: [recipient], message: 'text' },
    });
    expect(good(answer)['pushMessage']).toEqual([
      { item: null, error: { message: expect.stringMatching(/^The recipient must/) } },
    ]);
  });

  it.each(OPERATION_NAMES.filter((name) => !name.startsWith('push')))(
    'is not what %s is given where an optional field is null or left out',
    async (name) => {
      for (const value of [null, undefined]) {
        let variables: Record<string, unknown> = OPERATIONS[name].variables;
        for (const path of ['input.sourceIp', 'input.origin', 'input.topic'])
          if (name === 'registerRecipient') variables = withValue(variables, path, value);
        for (const path of ['filter.createdAt.from', 'filter.expiresAt', 'filter.topic', 'nextToken', 'limit'])
          if (name !== 'registerRecipient') variables = withValue(variables, path, value);
        good(await service.graphql(OPERATIONS[name].query, variables));
      }
    },
  );
});
