import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SettingsError } from '../../src/config/settings.error.js';
import { RecipientsService } from '../../src/recipients/recipients.service.js';
import { makeCertificate } from '../support/certificate.js';
import { RecipientClient } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';
import { oneProcess, queueIsHere, Service } from '../support/service.js';

describe.runIf(queueIsHere && oneProcess('It calls a part of a node by itself.'))('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-tls-'));
  const files = { TLS_CERT_FILE: join(folder, 'cert.pem'), TLS_KEY_FILE: join(folder, 'key.pem') };
  let first: { readonly cert: string; readonly key: string };
  let second: typeof first;
  let service: Service;
  beforeAll(async () => {
    first = await makeCertificate();
    second = await makeCertificate();
  });
  afterEach(async () => service?.stop());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function put({ cert, key }: typeof first): void {
    writeFileSync(files.TLS_CERT_FILE, cert);
    writeFileSync(files.TLS_KEY_FILE, key);
  }

  async function start(environment: Record<string, string> = {}): Promise<void> {
    put(first);
    service = await Service.start({ ...files, ...environment });
  }

  function register(): string {
    const recipients = service.app.get(RecipientsService, { strict: false });
    return recipients.register('acme', { recipient: 'ann' }, service.url).connectionUri;
  }

  /** The serial number of the certificate that a new connection is shown. */
  async function shown(): Promise<string> {
    const { port } = new URL(service.url);
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: [first.cert, second.cert] });
    return new Promise((resolve, reject) => {
      socket.once('secureConnect', () => {
        const { serialNumber } = socket.getPeerCertificate();
        socket.destroy();
        resolve(serialNumber);
      });
      socket.once('error', reject);
    });
  }

  it('carries WebSockets, and takes up a changed certificate without ending them', async () => {
    await start();
    const uri = register();
    expect(uri).toMatch(/^wss:/);
    const client = await RecipientClient.connect(uri, { ca: first.cert });
    const before = await shown();

    // A pair that doesn't fit, as it is for a moment in every renewal, changes nothing.
    writeFileSync(files.TLS_CERT_FILE, second.cert);
    expect(await shown()).toBe(before);
    put(second);
    await eventually(async () => expect(await shown()).not.toBe(before));

    const later = await RecipientClient.connect(register(), { ca: second.cert });
    expect(client.closed).toBeNull();
    await client.close();
    await later.close();
  });

  it('is spoken by no client that speaks HTTP, or says nothing', async () => {
    await start({ HEADERS_TIMEOUT: '200ms' });
    const plain = await RawConnection.open(service.url);
    plain.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await plain.ended();
    const silent = await RawConnection.open(service.url);
    await silent.ended();
    await shown();
  });

  it.each([
    ['one file alone', { TLS_KEY_FILE: '' }, 'TLS_CERT_FILE and TLS_KEY_FILE must be set together.'],
    [
      'a file that is not there',
      { TLS_KEY_FILE: join(folder, 'none.pem') },
      /^TLS_KEY_FILE must be a file that can be/,
    ],
    ['no certificate', { TLS_CERT_FILE: files.TLS_KEY_FILE }, /^TLS_CERT_FILE and TLS_KEY_FILE must be a certificate/],
  ])('is refused at the start with %s', async (_what, environment, sentence) => {
    const failure = await start(environment).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SettingsError);
    expect((failure as SettingsError).mistakes[0]).toMatch(sentence);
  });
});
