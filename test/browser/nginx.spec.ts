import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { launchBrowser, openTab } from '../support/browser.js';
import { RecipientClient, type RecipientOptions } from '../support/client.js';
import { makeCertificate } from '../support/certificate.js';
import { type Nginx, startNginx } from '../support/nginx.js';
import { BROWSER, NGINX } from '../support/parts.js';
import { Service } from '../support/service.js';

describe.runIf(NGINX.path)('behind nginx as deploy/nginx.conf sets it up', () => {
  let service: Service;
  let nginx: Nginx;
  beforeAll(async () => {
    service = await Service.start({ TRUSTED_PROXIES: '127.0.0.1' });
    nginx = await startNginx(NGINX.path ?? '', Number(new URL(service.url).port));
  });
  afterAll(async () => {
    await nginx?.stop();
    await service?.stop();
  });

  /** Registers at the service itself, and gives the URI at which nginx has it. */
  async function register(input: Parameters<Service['register']>[0]): Promise<string> {
    const uri = new URL(await service.register(input));
    uri.protocol = 'wss:';
    uri.host = `127.0.0.1:${nginx.port}`;
    return uri.href;
  }

  const connect = async (uri: string, options: RecipientOptions = {}) =>
    RecipientClient.connect(uri, { ca: nginx.cert, ...options });

  async function api(query: string): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
    const outgoing = request(`https://127.0.0.1:${nginx.port}/graphql`, {
      method: 'POST',
      ca: nginx.cert,
      headers: { 'content-type': 'application/json', 'x-api-key': service.key },
    });
    outgoing.end(JSON.stringify({ query }));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  it('the API answers, its connectionUri begins with wss, and a body as large as MAX_BODY_SIZE goes through', async () => {
    const answer = await api('mutation { registerRecipient(input: { recipient: "ann" }) { connectionUri } }');
    expect(answer.text).toContain('"connectionUri":"wss://127.0.0.1/?token=');
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    const padded = await api(`{ version } #${'x'.repeat(8 * 1_048_576 - 100)}`);
    expect(padded).toMatchObject({ status: 200 });
  });

  it('messages arrive and are proven, and a close code reaches the client', async () => {
    const client = await connect(await register('ann'));
    const [message] = await service.push('ann', 'through nginx');
    expect(await client.received(1)).toEqual(['through nginx']);
    await service.settled(message!.id, 'DELIVERED');
    for (let i = 0; i < 600; i += 1) client.socket.send('x');
    expect((await client.closing()).code).toBe(1008);
  });

  it("a token's address is compared with the client's own, which it can't invent", async () => {
    const uri = await register({ recipient: 'ann', sourceIp: '127.0.0.5' });
    await (await connect(uri, { localAddress: '127.0.0.5' })).close();
    const headers = { 'x-forwarded-for': '127.0.0.5', forwarded: 'for=127.0.0.5', 'x-real-ip': '127.0.0.5' };
    await expect(connect(uri, { localAddress: '127.0.0.6', headers })).rejects.toMatchObject({ status: 403 });
  });

  it("a token's origin is compared with the page's", async () => {
    const uri = await register({ recipient: 'ann', origin: 'https://app.example.com' });
    await (await connect(uri, { origin: 'https://app.example.com' })).close();
    await expect(connect(uri, { origin: 'https://app.example.com:8443' })).rejects.toMatchObject({ status: 403 });
  });

  it('no token gets into the log, not even while the service is away', async () => {
    const port = await freePort();
    const alone = await startNginx(NGINX.path ?? '', port);
    try {
      await expect(
        RecipientClient.connect(`wss://127.0.0.1:${alone.port}/?token=secret-text`, { ca: alone.cert }),
      ).rejects.toMatchObject({ status: 502 });
      await expect(connect(`wss://127.0.0.1:${nginx.port}/?token=secret-text`)).rejects.toMatchObject({ status: 401 });
      expect((await alone.log()) + (await nginx.log())).not.toContain('secret-text');
    } finally {
      await alone.stop();
    }
  });

  describe.runIf(BROWSER.path)('in a real browser', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchBrowser('--ignore-certificate-errors');
    });
    afterAll(async () => browser?.close());

    it('a page served over TLS connects by wss with its origin and its address, and gets its messages', async () => {
      const site = createServer(await makeCertificate(), (_request, response) =>
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title>'),
      ).listen(0, '127.0.0.1');
      await once(site, 'listening');
      const origin = `https://localhost:${(site.address() as AddressInfo).port}`;
      const uri = await register({ recipient: 'browser', origin, sourceIp: '127.0.0.1' });
      const other = await register({ recipient: 'browser', origin: 'https://localhost', sourceIp: '127.0.0.1' });
      const tab = await openTab(browser);
      await tab.goto(origin);
      const outcome = async (address: string) =>
        tab.evaluate(
          async (to) =>
            new Promise((resolve) => {
              const socket = new WebSocket(to);
              socket.addEventListener('message', ({ data }) => resolve(data));
              socket.addEventListener('close', ({ code }) => resolve(code));
            }),
          address,
        );
      expect(await outcome(other)).toBe(1006);
      const received = outcome(uri);
      const [message] = await service.push('browser', 'wss works');
      expect(await received).toBe('wss works');
      await service.settled(message!.id, 'DELIVERED');
      site.close();
    });

    it('the console opens', async () => {
      const tab = await openTab(browser);
      const complaints: string[] = [];
      tab.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      await tab.goto(`https://127.0.0.1:${nginx.port}/graphql`);
      await tab.getByLabel('Access key').waitFor();
      expect(complaints).toEqual([]);
    });
  });
});
