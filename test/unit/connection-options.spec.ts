import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { Client } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { connectionOptions } from '../../src/postgres/connection-options.js';
import { inSchema } from '../../src/postgres/in-schema.js';

/** The test's database, with these servers before its own. */
function behind(...servers: string[]): string {
  const { host } = new URL(inject('databaseUrl'));
  return inject('databaseUrl').replace(host, [...servers, host].join(','));
}

async function databaseOf(url: string): Promise<unknown> {
  const client = new Client(connectionOptions(url));
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query('SELECT current_database() AS name')).rows[0]?.name;
  } finally {
    await client.end();
  }
}

describe('a database on several servers', () => {
  it('is reached past one that refuses and one that says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    expect(await databaseOf(behind(`127.0.0.1:${await freePort()}`, `127.0.0.1:${port}`))).toBe('homing');
    silent.close();
  });

  it('is away when none takes writes, and why is said, without the password', async () => {
    const readOnly = `options=-c%20default_transaction_read_only%3Don`;
    const failure = await databaseOf(`${behind(`127.0.0.1:${await freePort()}`)}?${readOnly}`).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: '08001' });
    expect((failure as Error).message).toMatch(
      /^no server takes writes: .*ECONNREFUSED.*; it is a standby, or takes no writes$/,
    );
    expect((failure as Error).message).not.toContain(new URL(inject('databaseUrl')).password);
  });

  it('may show the certificate of any of them, and no other', () => {
    const { ssl } = connectionOptions('postgres://u:p@one.example,two.example/d?sslmode=verify-full');
    const certificate = (name: string) => ({ subject: { CN: name }, subjectaltname: `DNS:${name}` }) as PeerCertificate;
    const identify = typeof ssl === 'object' ? ssl.checkServerIdentity : undefined;
    expect(identify?.('one.example', certificate('two.example'))).toBeUndefined();
    expect(identify?.('one.example', certificate('three.example'))).toBeInstanceOf(Error);
  });

  it('is used in a schema of its own, whatever options the URL has', async () => {
    const url = `${inject('databaseUrl')}?options=-c%20statement_timeout%3D7s`;
    for (const each of [url, behind(`127.0.0.1:${await freePort()}`)]) {
      const client = new Client(inSchema(connectionOptions(each), 'Other'));
      await client.connect();
      const { rows } = await client.query('SHOW search_path');
      expect(rows).toEqual([{ search_path: '"Other"' }]);
      const { rows: timeouts } = await client.query('SHOW statement_timeout');
      expect(timeouts).toEqual([{ statement_timeout: each === url ? '7s' : '0' }]);
      await client.end();
    }
  });

  it('is one whose URL is used as it is when it names one', () => {
    expect(connectionOptions('postgres://u:a,b@one/d?x=1,2')).toEqual({
      connectionString: 'postgres://u:a,b@one/d?x=1,2',
    });
  });
});
