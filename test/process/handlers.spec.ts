import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { RecipientClient } from '../support/client.js';
import { createDatabase, withDatabase } from '../support/database.js';
import { SECRET } from '../support/host.js';
import { Program, graphql, registerRecipient } from '../support/program.js';
import { eventually } from '../support/eventually.js';

type Misbehaviour = 'hang' | 'exit' | 'throw' | 'unmoved' | 'none';

/** A service with misbehaving handlers, as a process. */
class HandlersProcess {
  private constructor(
    readonly program: Program,
    readonly url: string,
    readonly key: string,
  ) {}

  static async start(environment: Record<string, string>, handlers: Misbehaviour): Promise<HandlersProcess> {
    const program = Program.of(
      spawn(process.execPath, [resolve('test/support/handlers-program.mjs')], {
        cwd: tmpdir(),
        env: { PATH: process.env['PATH'], ...environment, HANDLERS: handlers },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    running.push(program);
    const [, url = '', key = ''] = await program.says(/listening on (\S+) (\S+)/);
    return new HandlersProcess(program, url, key);
  }

  /** Pushes a message and gives its id. */
  async push(text: string): Promise<string> {
    const data = await graphql(
      this.url,
      this.key,
      `mutation { pushMessage(input: { recipients: ["ann"], message: "${text}" }) { item { id } } }`,
    );
    return (data['pushMessage'] as unknown as [{ item: { id: string } }])[0].item.id;
  }

  register(): Promise<string> {
    return registerRecipient(this.url, this.key, 'ann');
  }

  async statuses(): Promise<string[]> {
    const data = await graphql(this.url, this.key, '{ messages { items { status } } }');
    return (data['messages'] as unknown as { items: { status: string }[] }).items.map(({ status }) => status);
  }
}

const running: Program[] = [];
const BACK_ENDS = ['postgres', 'redis'].filter((backEnd) => backEnd === 'postgres' || inject('redisUrl') !== '');

// Most of the time a killed worker is waited for until its lock is over: at the same time for all of them.
describe.concurrent('a process that has durable handlers', () => {
  afterAll(async () => {
    for (const program of running.splice(0)) await program.kill('SIGKILL');
  });

  async function environmentOf(backEnd: string): Promise<Record<string, string>> {
    const name = `handlers_${randomBytes(6).toString('hex')}`;
    return {
      ...{ NODE_ENV: 'test', NAMESPACE: name, DATABASE_URL: await createDatabase(name), LOG_LEVEL: 'error' },
      TOKEN_SECRETS: `${SECRET.id}:${SECRET.secret}`,
      ...(backEnd === 'redis' && { REDIS_URL: inject('redisUrl') }),
    };
  }

  it.each(BACK_ENDS)('runs one again that was under way when it was killed, queue in %s', async (backEnd) => {
    const environment = await environmentOf(backEnd);
    const first = await HandlersProcess.start(environment, 'hang');
    const id = await first.push('hello');
    await first.program.says(new RegExp(`begins MessagesPushed ${id}`));
    await first.program.kill('SIGKILL');
    expect(first.program.out).not.toContain('ends');

    const second = await HandlersProcess.start(environment, 'none');
    await second.program.says(new RegExp(`ends MessagesPushed ${id}`));
  });

  it.each(BACK_ENDS)(
    'loses no event when it is killed before that has left the outbox, queue in %s',
    async (backEnd) => {
      const environment = await environmentOf(backEnd);
      const first = await HandlersProcess.start(environment, 'unmoved');
      const client = await RecipientClient.connect(await first.register());
      const ids = await Promise.all(['a', 'b', 'c'].map((text) => first.push(text)));
      await client.received(3);
      await eventually(async () => expect(await first.statuses()).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED']));
      await first.program.kill('SIGKILL');
      expect(first.program.out).not.toContain('begins');

      const second = await HandlersProcess.start(environment, 'none');
      for (const id of ids)
        for (const event of ['MessagesPushed', 'MessageDelivered'])
          await second.program.says(new RegExp(`ends ${event} ${id}`));
      await second.program.says(/ends RecipientConnected ann/);
      await eventually(() =>
        withDatabase(environment['DATABASE_URL'] ?? '', async (client) => {
          const { rows } = await client.query(`SELECT count(*)::int FROM "${environment['NAMESPACE']}".homing_outbox`);
          expect(rows).toEqual([{ count: 0 }]);
        }),
      );
    },
  );

  it.each(['exit', 'throw'] as const)('loses nothing to one that ends it: %s', async (how) => {
    const environment = await environmentOf('postgres');
    const first = await HandlersProcess.start(environment, how);
    const uri = new URL(await first.register());
    const id = await first.push('hello');
    await first.program.ends();
    expect(first.program.out).toContain(`begins MessagesPushed ${id}`);

    const second = await HandlersProcess.start(environment, 'none');
    uri.host = new URL(second.url).host;
    const client = await RecipientClient.connect(uri.href);
    expect(await client.received(1)).toEqual(['hello']);
    await eventually(async () => expect(await second.statuses()).toEqual(['DELIVERED']));
    await second.program.says(new RegExp(`ends MessageDelivered ${id}`));
  });
});
