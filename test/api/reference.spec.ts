import { readFileSync } from 'node:fs';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecipientClient } from '../support/client.js';
import { good, type MessageFields, queueIsHere, Service } from '../support/service.js';

// What the reference service's documentation prints, to the letter.
const REGISTER = `mutation registerRecipient($input:RegisterRecipientInput!) {
      registerRecipient(input:$input) {
        token
        connectionUri
      }
    }`;
const REGISTER_VARIABLES = `{
      "input": {
        "recipient": "d9f3c17a-c6de-4e5e-b42b-98fbfb46a108"
      }
    }`;
const PUSH = `mutation pushMessage($input:MessageInput!) {
      pushMessage(input:$input) {
        item {
          id
          message
          status
          expiresAt
          createdAt
          deliveredAt
          cancelledAt
          globalMessageId
        }
        error{
          message
        }
      }
    }
    `;
const PUSH_VARIABLES = `{
      "input": {
        "recipients": ["d9f3c17a-c6de-4e5e-b42b-98fbfb46a108"],
        "message": "The quick brown fox jumps over the lazy dog"
      }
    }`;
const SCOPE = 'websockets-manager-api:query:* websockets-manager-api:mutation:*';

interface Registered {
  readonly registerRecipient: { readonly token: string; readonly connectionUri: string };
}
interface Pushed {
  readonly pushMessage: readonly { readonly item: MessageFields; readonly error: null }[];
}

const EVERY_OPERATION = [
  'query { version }',
  'query { messages { items { id } nextToken } }',
  'query { globalMessages { items { id } nextToken } }',
  'mutation { registerRecipient(input: {recipient: "ann"}) { token } }',
  'mutation { pushMessage(input: {recipients: ["ann"], message: "text"}) { item { id } } }',
  'mutation { pushGlobalMessage(input: {message: "text"}) { id } }',
];

describe.runIf(queueIsHere)("the reference service's documentation", () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  const run = <D>(query: string, variables = '{}', key?: string) =>
    service.graphql<D>(query, JSON.parse(variables) as object, key);

  it('steps 1 to 3: its documents, run as they are printed, carry its message to the recipient', async () => {
    const { registerRecipient } = good(await run<Registered>(REGISTER, REGISTER_VARIABLES));
    const client = await RecipientClient.connect(registerRecipient.connectionUri);
    const { pushMessage } = good(await run<Pushed>(PUSH, PUSH_VARIABLES));
    expect(pushMessage).toEqual([
      {
        item: {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          message: 'The quick brown fox jumps over the lazy dog',
          status: 'PENDING',
          expiresAt: null,
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          deliveredAt: null,
          cancelledAt: null,
          globalMessageId: null,
        },
        error: null,
      },
    ]);
    expect(await client.received(1)).toEqual(['The quick brown fox jumps over the lazy dog']);
    await service.settled(pushMessage[0]!.item.id, 'DELIVERED');
    await client.close();
  });

  it('step 1: connectionUri has the format wss://host/?token=SOME_TOKEN, and SOME_TOKEN is generated on each call', async () => {
    const first = good(await run<Registered>(REGISTER, REGISTER_VARIABLES)).registerRecipient;
    const second = good(await run<Registered>(REGISTER, REGISTER_VARIABLES)).registerRecipient;
    expect(first.connectionUri).toBe(`${service.url.replace('http:', 'ws:')}/?token=${first.token}`);
    expect(second.token).not.toBe(first.token);
  });

  it('access info: the key must be provided in the x-api-key header, and nowhere else', async () => {
    const body = JSON.stringify({ query: '{ version }' });
    expect((await service.post(body)).status).toBe(200);
    for (const headers of [
      { authorization: `Bearer ${service.key}` },
      { 'api-key': service.key },
      { cookie: `x-api-key=${service.key}` },
    ] as Record<string, string>[]) {
      expect(await service.post(body, null, headers)).toMatchObject({
        status: 401,
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });

  it('access info: documentation and schema can be viewed only with an access key', async () => {
    expect((await service.graphql(getIntrospectionQuery(), {}, null)).status).toBe(401);
    const schema = good(await service.graphql(getIntrospectionQuery()));
    expect(JSON.stringify(schema)).toContain('The name of the recipient to which the message was pushed.');
  });

  it('access info: the scope websockets-manager-api:query:* websockets-manager-api:mutation:* grants access to all', async () => {
    const key = await service.createKey({ scope: SCOPE });
    for (const operation of EVERY_OPERATION) good(await run(operation, '{}', key));
  });

  it('access info: each query and mutation requires its own scope', async () => {
    const scopes = EVERY_OPERATION.map(
      (operation) => `websockets-manager-api:${operation.replace(/^(\w+) \{ (\w+).*$/, '$1:$2')}`,
    );
    for (const [i, operation] of EVERY_OPERATION.entries()) {
      const needed = scopes[i]!;
      good(await run(operation, '{}', await service.createKey({ scope: needed })));
      const others = scopes.filter((scope) => scope !== needed).join(' ');
      const [refusal] = (await run(operation, '{}', await service.createKey({ scope: others }))).errors;
      expect(refusal).toMatchObject({ message: expect.stringContaining(needed), extensions: { code: 'FORBIDDEN' } });
    }
  });

  it('version returns the API version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(good(await run('{ version }'))).toEqual({ version });
  });
});
