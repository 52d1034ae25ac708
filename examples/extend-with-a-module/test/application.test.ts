import 'reflect-metadata';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SignJWT } from 'jose';
import { WebSocket } from 'ws';
import { Inbox } from './inbox.js';

const JWT_SECRET = 'a secret of 32 characters or more';
const ALL = ['mutation:registerRecipient', 'mutation:pushMessage', 'query:reminders'];

/** A token that our application signs for one of its callers. */
function tokenOf(tenant: string, permissions: readonly string[]): Promise<string> {
  return new SignJWT({ tenant, permissions })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(JWT_SECRET));
}

/** What the API answers to the operations of this test. */
interface Answer {
  readonly data: {
    readonly registerRecipient: { readonly connectionUri: string };
    readonly pushMessage: readonly { readonly error: object | null }[];
    readonly reminders: readonly { readonly recipient: string }[];
  };
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

void describe('The application', () => {
  let app: INestApplication;
  let inbox: Inbox;
  let folder: string;
  let url: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'extend-with-a-module-'));
    inbox = await Inbox.open();
    Object.assign(process.env, { JWT_SECRET, HOMING_DATA_DIR: folder, SMTP_URL: inbox.url, REMIND_AFTER: '1000' });
    // It reads its settings when it is loaded.
    const { AppModule } = await import('../src/app.module.js');
    app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
    await app.listen(0, '127.0.0.1');
    url = `${await app.getUrl()}/homing`;
  });

  after(async () => {
    await app?.close();
    inbox?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask(query: string, token: string | null): Promise<Answer> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query }),
    });
    return response.json() as Promise<Answer>;
  }

  void it('knows its callers by JWT, and lets them do what their token says', async () => {
    assert.equal((await ask('{ reminders { recipient } }', null)).errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
    const reader = await tokenOf('acme', ['query:version']);
    assert.equal((await ask('{ reminders { recipient } }', reader)).errors?.[0]?.extensions.code, 'FORBIDDEN');
  });

  void it('writes an e-mail to those whom a message did not reach', async () => {
    const token = await tokenOf('acme', ALL);
    const { data } = await ask('mutation { registerRecipient(input: { recipient: "ann" }) { connectionUri } }', token);
    const ann = new WebSocket(data.registerRecipient.connectionUri);
    const received = new Promise<string>((resolve) => ann.on('message', (text) => resolve(String(text))));
    await new Promise((resolve) => ann.once('open', resolve));

    const push =
      'mutation { pushMessage(input: { recipients: ["ann", "bob"], message: "Lunch?" }) { error { message } } }';
    assert.deepEqual((await ask(push, token)).data.pushMessage, [{ error: null }, { error: null }]);
    assert.equal(await received, 'Lunch?');

    const reminders = async () => (await ask('{ reminders { recipient } }', token)).data.reminders;
    while ((await reminders()).length === 0) await pause(100);
    assert.deepEqual(await reminders(), [{ recipient: 'bob' }]);
    assert.deepEqual(inbox.to, ['bob@example.com']);
    assert.deepEqual((await ask('{ reminders { recipient } }', await tokenOf('other', ALL))).data.reminders, []);
    ann.close();
  });
});
