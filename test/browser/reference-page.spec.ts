import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openTab } from '../support/browser.js';
import { BROWSER } from '../support/parts.js';
import { Service } from '../support/service.js';

// The page of the reference, to the letter but for its URI.
const page = (uri: string) => `<!DOCTYPE html>
    <html lang="en">
    <head>
    <title>WebSocket Client Example</title>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <script>
        var ws = new WebSocket("${uri}");

        ws.onopen = () => {
          document.getElementById("status").innerText = "WebSocket connection open.";
        }

        ws.onclose = () => {
          document.getElementById("status").innerText = "WebSocket connection closed.";
        }
    </script>
    </head>
    <body>
        <div id="status"></div>
    </body>
    </html>`;

describe.runIf(BROWSER.path)("the reference's own page in a real browser", () => {
  let service: Service;
  let browser: Browser;
  beforeAll(async () => {
    service = await Service.start();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });

  it('opens the connection, receives the message, and so makes it DELIVERED without any code of ours', async () => {
    const uri = await service.register('d9f3c17a-c6de-4e5e-b42b-98fbfb46a108');
    const site = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(page(uri)),
    ).listen(0, '127.0.0.1');
    await once(site, 'listening');
    const tab = await openTab(browser);
    const frames: string[] = [];
    tab.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await tab.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    await tab.getByText('WebSocket connection open.').waitFor();
    const [message] = await service.push(
      'd9f3c17a-c6de-4e5e-b42b-98fbfb46a108',
      'The quick brown fox jumps over the lazy dog',
    );
    await service.settled(message!.id, 'DELIVERED');
    await expect.poll(() => frames).toContain('The quick brown fox jumps over the lazy dog');
    site.close();
  });

  // docs/delivery.md says so: a proof is the browser's, not the script's.
  it('makes a message DELIVERED even while its script stands still, since the browser answers for it', async () => {
    const uri = await service.register('frozen');
    const tab = await openTab(browser);
    await tab.setContent(page(uri));
    await tab.getByText('WebSocket connection open.').waitFor();
    const standing = tab.evaluate(() => {
      const end = Date.now() + 60_000;
      while (Date.now() < end);
    });
    standing.catch(() => undefined);
    const [message] = await service.push('frozen', 'The quick brown fox jumps over the lazy dog');
    await service.settled(message!.id, 'DELIVERED');
    await tab.context().close();
  });
});
