import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { logIn } from '../support/admin.js';
import { makeCertificate } from '../support/certificate.js';
import { RecipientClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { graphql, Program, registerRecipient, treeOf } from '../support/program.js';

describe('the service as a process', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homing-start-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('says what to do next on its first start, and loses nothing acknowledged to kill -9', async () => {
    const environment = { DATA_DIR: dataDir, PORT: String(await freePort()) };
    const first = Program.run('main.js', environment);
    const [, url] = (await first.says(/listening on (\S+)/)) as unknown as [string, string];
    const [key] = await first.says(/homing_[0-9a-f]{10}_[0-9a-f]{48}/);
    expect(statSync(join(dataDir, 'secrets', 'token-secrets')).mode & 0o777).toBe(0o600);
    const [, password] = (await first.says(/admin password +([0-9a-f]{32}) /)) as unknown as [string, string];
    expect((await logIn(url, password)).status).toBe(303);
    const connectionUri = await registerRecipient(url, key, 'ann');
    for (let i = 0; i < 20; i += 1)
      await graphql(
        url,
        key,
        `mutation { pushMessage(input: { recipients: ["ann"], message: "m${i}" }) { item { id } } }`,
      );
    await first.kill('SIGKILL');

    const second = Program.run('main.js', environment);
    await second.says(/listening on/);
    expect(second.out).not.toMatch(/homing_[0-9a-f]{10}_|admin password/);
    expect(second.out + second.errors).not.toContain(password);
    const client = await RecipientClient.connect(connectionUri);
    expect(await client.received(20)).toEqual(Array.from({ length: 20 }, (_, i) => `m${i}`));
    await eventually(async () =>
      expect(JSON.stringify(await graphql(url, key, '{ messages { items { status } } }'))).not.toContain('PENDING'),
    );

    const created = Program.run(
      'cli/main.js',
      environment,
      'access-key',
      'create',
      '--tenant',
      'acme',
      '--name',
      'ci',
      '--scope',
      'websockets-manager-api:query:*',
    );
    expect(await created.ends()).toBe(0);
    expect(created.out).toMatch(/^homing_[0-9a-f]{10}_[0-9a-f]{48}\n$/);
    expect(await graphql(url, created.out.trim(), '{ version }')).toEqual({
      version: JSON.parse(readFileSync('package.json', 'utf8')).version,
    });

    const show = Program.run('cli/main.js', environment, 'access-key', 'show', created.out.split('_')[1]!);
    expect(await show.ends()).toBe(0);
    expect(show.out).toMatch(/tenant +acme\n[^]*last used +\d{4}-[^]*scope +websockets-manager-api:query:\*\n/);
    expect(show.out).not.toContain(created.out.trim().split('_')[2]);

    const leaked = await RecipientClient.connect(await registerRecipient(url, key, 'bob'));
    const revoke = Program.run('cli/main.js', environment, 'recipient', 'revoke', '--tenant', 'demo', 'bob');
    expect(await revoke.ends()).toBe(0);
    expect(revoke.errors).toContain('The tokens of "bob" of demo that were issued before now are revoked.\n');
    expect((await leaked.closing()).code).toBe(4403);
    const misspelt = Program.run('cli/main.js', environment, 'recipient', 'revoke', '--tenant', 'dmeo', 'bob');
    expect(await misspelt.ends()).toBe(0);
    expect(misspelt.errors).toContain('No access key belongs to a tenant "dmeo"');

    const refused = Program.run('cli/main.js', environment, 'listen', `${url.replace('http', 'ws')}/?token=x`);
    expect(await refused.ends()).toBe(1);
    expect(refused.errors).toBe('The service refused the connection: 401 Unauthorized. The token is not valid.\n');

    const closing = client.closing();
    expect(await second.kill('SIGTERM')).toBe(0);
    expect((await closing).code).toBe(1012);

    const list = Program.run('cli/main.js', environment, 'access-key', 'list');
    expect(await list.ends()).toBe(0);
    expect(list.out).toContain('acme');
    expect(list.out).not.toContain(key);
  });

  it('stops in order when it is told to while it starts', async () => {
    const program = Program.run('main.js', { DATA_DIR: dataDir, DATABASE_URL: inject('databaseUrl'), PORT: '0' });
    await program.says(/Bringing the schema up to date/);
    expect(await program.kill('SIGTERM')).toBe(0);
    expect(program.out).toContain('Stopping');
  });

  // Linux tells which processes the database has.
  it.runIf(process.platform === 'linux')(
    'ends with 1 at a second SIGTERM, or after STOP_TIMEOUT, when it can not stop in order; what it acknowledged is there',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'homing-stop-'));
      const environment = { DATA_DIR: folder, PORT: String(await freePort()) };
      const postmaster = () => Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
      const first = Program.run('main.js', { ...environment, STOP_TIMEOUT: '2s' });
      const [, url] = (await first.says(/listening on (\S+)/)) as unknown as [string, string];
      const [key] = await first.says(/homing_[0-9a-f]{10}_[0-9a-f]{48}/);
      await graphql(
        url,
        key,
        'mutation { pushMessage(input: { recipients: ["ann"], message: "kept" }) { item { id } } }',
      );
      let service = first;
      for (const end of ['STOP_TIMEOUT', 'a second SIGTERM']) {
        const database = treeOf(postmaster());
        for (const pid of database) process.kill(pid, 'SIGSTOP');
        service.child.kill('SIGTERM');
        await service.says(/Stopping/);
        if (end === 'a second SIGTERM') service.child.kill('SIGTERM');
        expect(await service.ends()).toBe(1);
        if (end === 'STOP_TIMEOUT') expect(service.errors).toContain('STOP_TIMEOUT');
        for (const pid of database) process.kill(pid, 'SIGCONT');
        service = Program.run('main.js', environment);
        await service.says(/listening on/);
      }
      expect(JSON.stringify(await graphql(url, key, '{ messages { items { message } } }'))).toContain('kept');
      expect(await service.kill('SIGTERM')).toBe(0);
      rmSync(folder, { recursive: true, force: true });
    },
  );

  it('says each mistake in its settings in a sentence, and ends with 1', async () => {
    const program = Program.run('main.js', {
      DATA_DIR: dataDir,
      PORT: 'x',
      TOKEN_TTL: 'soon',
      DATABASE_URL: 'mysql://u:hidden@h/d',
    });
    expect(await program.ends()).toBe(1);
    for (const sentence of [
      'PORT must be a whole number',
      'TOKEN_TTL must be a duration',
      'DATABASE_URL must be a URL',
    ])
      expect(program.errors).toContain(sentence);
    expect(program.errors).not.toMatch(/hidden|at .*\.js/);
  });

  it('needs the secrets that nodes share, in production with a database of its own', async () => {
    const program = Program.run('main.js', {
      NODE_ENV: 'production',
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
      DATA_DIR: dataDir,
    });
    expect(await program.ends()).toBe(1);
    expect(program.errors).toContain('TOKEN_SECRETS must be set in production');
  });

  it('speaks TLS when it is given a certificate, and says so', async () => {
    const { cert, key } = await makeCertificate();
    const folder = mkdtempSync(join(tmpdir(), 'homing-certificate-'));
    const files = { TLS_CERT_FILE: join(folder, 'cert.pem'), TLS_KEY_FILE: join(folder, 'key.pem') };
    writeFileSync(files.TLS_CERT_FILE, cert);
    writeFileSync(files.TLS_KEY_FILE, 'no key');
    const wrong = Program.run('main.js', { DATA_DIR: dataDir, PORT: '0', ...files });
    expect(await wrong.ends()).toBe(1);
    expect(wrong.errors).toContain('TLS_CERT_FILE and TLS_KEY_FILE must be a certificate and its private key in PEM');

    writeFileSync(files.TLS_KEY_FILE, key);
    const program = Program.run('main.js', { DATA_DIR: dataDir, PORT: '0', ...files });
    const [, url] = (await program.says(/listening on (https:\S+)/)) as unknown as [string, string];
    const [response] = (await once(get(`${url}/health/ready`, { ca: cert }), 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    expect(await program.kill('SIGTERM')).toBe(0);
    rmSync(folder, { recursive: true });
  });

  it('is not given keys whose names would steer a terminal, or that have expired', async () => {
    const create = ['access-key', 'create', '--tenant', 'acme', '--scope', 'websockets-manager-api:query:*'];
    for (const [more, sentence] of [
      [['--name', 'a\u001b[2Jb'], 'The name must not contain control characters.\n'],
      [['--name', 'a', '--expires-in', '0'], /^"0" must be a duration .*\n$/m],
    ] as [string[], string | RegExp][]) {
      const program = Program.run('cli/main.js', { DATA_DIR: dataDir }, ...create, ...more);
      expect(await program.ends()).toBe(1);
      expect(program.errors).toMatch(sentence);
      expect(program.out).toBe('');
    }
  });

  it('says in a sentence that its database can not be reached', async () => {
    const program = Program.run('main.js', { DATA_DIR: dataDir, DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' });
    expect(await program.ends()).toBe(1);
    expect(program.errors).toMatch(/^The service can't start: its database can't be used \(.*ECONNREFUSED.*\n$/);
    expect(program.out).not.toMatch(/ERROR|hidden/);
  });

  it('says in a sentence that DATA_DIR or .env can not be used', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'homing-folders-'));
    mkdirSync(join(folder, '.env'));
    writeFileSync(join(folder, 'file'), '');
    for (const [environment, sentence] of [
      [{ DATA_DIR: join(folder, 'file') }, /^ {2}DATA_DIR must be a folder that this user can read and write \(/m],
      [{ DATA_DIR: join(folder, 'file', 'below') }, /^ {2}DATA_DIR must be a folder/m],
      [
        { DATA_DIR: join(folder, 'file'), TOKEN_SECRETS: `a:${'x'.repeat(32)}` },
        /^The service can't start: \S+file cannot be used by this user \(EEXIST\)\. Set DATA_DIR/,
      ],
    ] as [Record<string, string>, RegExp][]) {
      const program = Program.run('main.js', environment);
      expect(await program.ends()).toBe(1);
      expect(program.errors).toMatch(sentence);
      expect(program.errors).not.toMatch(/at .*\.js/);
    }
    const program = Program.runIn(folder, 'main.js', {});
    expect(await program.ends()).toBe(1);
    expect(program.errors).toMatch(/^ {2}\.env must be a file that this user can read \(EISDIR\)\.$/m);
    rmSync(folder, { recursive: true, force: true });
  });

  it('says in a sentence that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const program = Program.run('main.js', {
      DATA_DIR: dataDir,
      PORT: String((other.address() as { port: number }).port),
    });
    expect(await program.ends()).toBe(1);
    expect(program.errors).toBe('The port is in use by another program. Stop that one, or set PORT to another port.\n');
    expect(program.out).not.toContain('ERROR');
    other.close();
  });
});
