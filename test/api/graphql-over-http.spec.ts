import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueIsHere, Service } from '../support/service.js';

/** What the specification lets clients of `application/json` expect, and what we answer with 400 all the same, as Apollo does. */
const ANSWERED_400 = new Set(['572B', 'FDE2', '7B9B']);

const MUTATION = 'mutation { registerRecipient(input: { recipient: "ann" }) { token } }';

describe.runIf(queueIsHere)('GraphQL over HTTP', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  const audits = serverAudits({
    url: () => `${service.url}/graphql`,
    fetchFn: async (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      headers.set('x-api-key', service.key);
      return fetch(url, { ...init, headers });
    },
  });

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s: %s', async (id, _name, audit) => {
    const result = await audit.fn();
    if (ANSWERED_400.has(id)) expect(result).toMatchObject({ status: 'warn', response: { status: 400 } });
    else expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
  });

  const get = async (query: string, headers: Record<string, string> = { 'x-api-key': service.key }) =>
    fetch(`${service.url}/graphql?query=${encodeURIComponent(query)}`, { headers });

  it('answers a query by GET with a key, and nothing that a foreign page could send', async () => {
    expect(await (await get('{ version }')).json()).toMatchObject({ data: { version: expect.any(String) } });
    const foreign = await get('{ version }', {});
    expect(foreign.status).toBe(400);
    expect(await foreign.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it('answers 405 to a mutation by GET, with what is allowed', async () => {
    const response = await get(MUTATION);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('answers 405 to %s, with what is allowed', async (method) => {
    const response = await fetch(`${service.url}/graphql`, {
      method,
      headers: { 'x-api-key': service.key, 'content-type': 'application/json' },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
  });

  it('answers 406 to a client that accepts neither media type', async () => {
    const answer = await service.post(JSON.stringify({ query: '{ version }' }), service.key, { accept: 'image/png' });
    expect(answer.status).toBe(406);
  });

  it.each([
    ['the body is no JSON', '{', {}, 400],
    ['the content type is another', '{}', { 'content-type': 'application/xml' }, 415],
    ['the key is unknown', '{"query":"{ version }"}', { 'x-api-key': 'nonsense' }, 401],
    ['the document has a mistake', '{"query":"{ nope }"}', {}, 400],
  ])('errors bear the media type that the client asked for: %s', async (_what, body, headers, status) => {
    for (const type of ['application/json', 'application/graphql-response+json']) {
      const answer = await service.post(body, service.key, { accept: type, ...headers });
      expect(answer.headers.get('content-type')).toBe(`${type}; charset=utf-8`);
      expect(answer.status).toBe(status);
      expect(answer.errors).toHaveLength(1);
    }
  });
});
