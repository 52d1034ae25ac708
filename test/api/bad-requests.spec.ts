import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../support/operations.js';
import { expectNothingOfTheInside, expectNothingStored, expectRefusal, storedRows } from '../support/refusal.js';
import { good, queueIsHere, Service } from '../support/service.js';

const { query: PUSH, variables: PUSHED } = OPERATIONS.pushMessage;
const PUSH_LITERAL = 'mutation { pushMessage(input: {recipients: ["a"], message: "text"}) { item { id } } }';
const PUSH_BODY = JSON.stringify({ query: PUSH, variables: PUSHED });

const body = (request: object): string => JSON.stringify(request);
const nested = (open: string, inner: string, close: string, times: number): string =>
  open.repeat(times) + inner + close.repeat(times);
const chain = (length: number): string =>
  `{ ...f0 } ${Array.from({ length }, (_, i) => `fragment f${i} on Query { ...f${i + 1} }`).join(' ')} fragment f${length} on Query { version }`;
const bomb = (length: number): string =>
  `{ ...f0 } ${Array.from({ length }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f${length} on Query { version }`;

describe.runIf(queueIsHere)('a bad request', () => {
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

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['a cut text', '{"query":"{ver'],
    ['a text behind the object', `${PUSH_BODY}x`],
    ['two objects', PUSH_BODY + PUSH_BODY],
    ['GraphQL itself', PUSH_LITERAL],
    ['null', 'null'],
    ['a number', '5'],
    ['a string', JSON.stringify(PUSH_LITERAL)],
    ['NaN', '{"query":NaN}'],
    ['a form', `query=${encodeURIComponent(PUSH_LITERAL)}`],
    ['an empty object', '{}'],
    ['an empty batch', '[]'],
    ['a batch', `[${PUSH_BODY}]`],
    ['a batch of many', `[${Array(1_000).fill(PUSH_BODY).join(',')}]`],
    ['a query that is null', '{"query":null}'],
    ['a query that is a number', '{"query":5}'],
    ['a query that is a list', body({ query: [PUSH_LITERAL] })],
    ['a query that is an object', body({ query: { kind: 'Document', definitions: [] } })],
    ['an empty query', '{"query":""}'],
    ['variables that are a text', body({ query: PUSH, variables: JSON.stringify(PUSHED) })],
    ['extensions that are a text', body({ query: PUSH, variables: PUSHED, extensions: 'x' })],
    ['brackets without end', '['.repeat(1_000_000)],
    ['U+0000', '\u0000'],
  ])('is answered BAD_REQUEST when the body is or has %s', async (_what, text) => {
    expectRefusal(await service.post(text), 'BAD_REQUEST');
  });

  it.each([
    ['a list', []],
    ['a list of inputs', [PUSHED.input]],
    ['a number', 5],
    ['true', true],
    ['null', null],
    ['other names', { inputs: PUSHED.input }],
    ['the input without its name', PUSHED.input],
  ])('is answered 4xx when its variables are %s', async (_what, variables) => {
    const answer = await service.post(body({ query: PUSH, variables }));
    const [code] = answer.errors.map(({ extensions }) => extensions.code);
    expectRefusal(answer, code === 'BAD_REQUEST' ? code : 'BAD_USER_INPUT');
    expect(answer.status).toBe(400);
  });

  it('pollutes no prototype', async () => {
    for (const request of [
      `{"query":"{ version }","variables":{"__proto__":{"polluted":1}}}`,
      `{"query":"{ version }","__proto__":{"polluted":1}}`,
      `{"query":"{ version }","variables":{"constructor":{"prototype":{"polluted":1}}}}`,
      `{"query":"{ version }","extensions":{"__proto__":{"polluted":1}}}`,
      '{"query":"query($constructor: Int) { messages(limit: $constructor) { nextToken } }"}',
    ]) {
      good(await service.post(request));
    }
  });

  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/graphql'],
    ['text/html'],
    ['nonsense'],
    ['application/json; charset=nonsense'],
    ['application/json; charset=utf-16'],
  ])('is answered BAD_REQUEST when its content type is %s', async (type) => {
    expectRefusal(await service.post(PUSH_BODY, service.key, { 'content-type': type }), 'BAD_REQUEST');
  });

  it.each(['gzip', 'br', 'deflate', 'compress', 'nonsense'])(
    'is answered BAD_REQUEST when its body is not what its content encoding %s says',
    async (encoding) => {
      expectRefusal(await service.post(PUSH_BODY, service.key, { 'content-encoding': encoding }), 'BAD_REQUEST');
    },
  );

  it.each([
    ['GET', {}],
    ['GET', { 'apollo-require-preflight': '1' }],
    ['GET', { 'content-type': 'application/json' }],
    ['GET', { accept: 'text/html', 'apollo-require-preflight': '1' }],
    ['HEAD', { 'apollo-require-preflight': '1' }],
    ['PUT', { 'content-type': 'application/json' }],
    ['PATCH', { 'content-type': 'application/json' }],
    ['DELETE', { 'content-type': 'application/json' }],
    ['OPTIONS', {}],
  ] as [string, Record<string, string>][])('by %s with %j runs no mutation', async (method, headers) => {
    const url = `${service.url}/graphql?query=${encodeURIComponent(PUSH_LITERAL)}`;
    const response = await fetch(url, { method, headers: { 'x-api-key': service.key, ...headers } });
    expect(response.status).toBeLessThan(500);
    const text = await response.text();
    // The console is the answer to a browser.
    if (!headers['accept']) expect(response.status).toBeGreaterThanOrEqual(400);
    if (!headers['accept']) expectNothingOfTheInside(text);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('with variables that are no JSON in the URL is answered BAD_REQUEST', async () => {
    const response = await fetch(`${service.url}/graphql?query={version}&variables=x`, {
      headers: { 'x-api-key': service.key, 'apollo-require-preflight': '1' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it.each([
    ['is not GraphQL', 'text that is none'],
    ['ends too soon', '{ version'],
    ['holds U+0000', '{ version \u0000 }'],
    ['holds a lone surrogate outside of a text', '{ version \ud800 }'],
    ['nests fields without end', nested('{a', '', '}', 20_000)],
    ['nests fragments without end', `{ ${nested('...{', 'version', '}', 8_000)} }`],
    ['nests lists without end', `{ messages(nextToken: ${nested('[', '', ']', 8_000)}) { nextToken } }`],
    ['nests objects without end', `{ messages(filter: ${nested('{a:', '1', '}', 6_000)}) { nextToken } }`],
    ['nests types of variables without end', `query(${nested('$a: [', 'Int', ']', 1)}${'!'.repeat(3)}) { version }`],
    ['has more tokens than any input needs', `{ ${'version '.repeat(1_000_000)} }`],
  ])('is answered GRAPHQL_PARSE_FAILED when its document %s', async (_what, query) => {
    const answer = await service.graphql(query);
    expectRefusal(answer, 'GRAPHQL_PARSE_FAILED');
    expect(answer.status).toBe(400);
  });

  it.each([
    ['levels', `{ __schema { types ${nested('{ fields { type ', '{ name }', ' } }', 8)} } }`],
    ['levels, hundreds of them', nested('{a', '', '}', 400)],
    ['aliases', `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: version`).join(' ')} }`],
    ['aliases in fragments', `{ ${'...f '.repeat(16)} } fragment f on Query { a: version b: version }`],
    ['fields', `{ ${'version '.repeat(501)} }`],
    ['fields, thousands of the same', `{ ${'version '.repeat(9_000)} }`],
    [
      'fields in operations that are not run',
      Array.from({ length: 600 }, (_, i) => `query q${i} { version }`).join(' '),
    ],
    [
      'mutations',
      `mutation { ${Array.from({ length: 31 }, (_, i) => PUSH_LITERAL.slice(11, -2).replace('pushMessage', `m${i}: pushMessage`)).join(' ')} }`,
    ],
    ['a chain of fragments', chain(1_800)],
    ['fragments that double each other', bomb(9)],
    ['fragments that double each other to more than can be counted', bomb(400)],
  ])('is answered BAD_USER_INPUT when its document asks for too much: %s', async (_what, query) => {
    const answer = await service.graphql(query);
    expectRefusal(answer, 'BAD_USER_INPUT');
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors[0]!.message).toMatch(
      /^The document asks for too much: \d+ (?:levels|aliases|fields) are allowed/,
    );
    expect(answer.status).toBe(400);
  });

  it.each([
    ['an unknown field', '{ nope }'],
    ['an unknown field of a prototype', '{ constructor __proto__ }'],
    ['an unknown argument', '{ messages(offset: 5) { nextToken } }'],
    ['an unknown type', 'query($a: Nope) { version }'],
    ['an unknown directive', '{ version @nope }'],
    ['an unknown fragment', '{ ...nope }'],
    ['a fragment that spreads itself', '{ ...f } fragment f on Query { ...f }'],
    ['fragments that spread each other', '{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }'],
    ['a subscription', 'subscription { messages { id } }'],
    ['no argument where one is needed', 'mutation { pushMessage { item { id } } }'],
    ['no selection', '{ messages }'],
    ['a selection of a text', '{ version { length } }'],
    ['two operations of the same name', 'query a { version } query a { version }'],
    ['a variable that is not declared', '{ messages(limit: $limit) { nextToken } }'],
    ['a variable of another type', 'query($limit: String) { messages(limit: $limit) { nextToken } }'],
    ['a type definition', 'type Query { version: String }'],
  ])('is answered GRAPHQL_VALIDATION_FAILED when its document has %s', async (_what, query) => {
    const answer = await service.graphql(query, { limit: 5 });
    expectRefusal(answer, 'GRAPHQL_VALIDATION_FAILED');
    expect(answer.status).toBe(400);
  });

  it.each([
    ['several operations and no name', { query: 'query a { version } query b { version }' }],
    ['the name of an operation that is not there', { query: 'query a { version }', operationName: 'b' }],
    ['the name of an operation that a prototype has', { query: 'query a { version }', operationName: 'constructor' }],
  ])('is answered OPERATION_RESOLUTION_FAILURE when it has %s', async (_what, request) => {
    expectRefusal(await service.post(body(request)), 'OPERATION_RESOLUTION_FAILURE');
  });

  it('is answered PERSISTED_QUERY_NOT_SUPPORTED when it names a query by its hash', async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'x' } };
    expect(await service.post(body({ extensions }))).toMatchObject({
      status: 200,
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
    });
  });

  it('is none that names every recipient of the largest push in its document', async () => {
    const names = Array.from({ length: 10_000 }, () => '""').join(' ');
    const answer = await service.graphql(
      `mutation { pushMessage(input: {recipients: [${names}], message: "x"}) { error { message } } }`,
    );
    expect(good(answer)['pushMessage']).toHaveLength(1);
  });
});
