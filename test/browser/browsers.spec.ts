import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { violations } from '../support/browsers/axe.js';
import { BROWSERS } from '../support/browsers/browsers.js';
import type { RunningBrowser, Tab } from '../support/browsers/tab.js';
import { eventually } from '../support/eventually.js';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:";
const PAGE = `<!doctype html>
<html lang="en">
  <head><title>A page</title><link rel="icon" href="data:,"><script type="module" src="/script.js"></script></head>
  <body>
    <main>
      <h1>A page</h1>
      <label for="name">Your name</label><input id="name" value="nobody">
      <button hidden>Greet</button>
      <button id="greet" disabled>Greet</button>
      <p id="said" role="status"></p>
    </main>
  </body>
</html>`;
const SCRIPT = `
  const [button, name, said] = ['greet', 'name', 'said'].map((id) => document.getElementById(id));
  button.addEventListener('click', (event) => (said.textContent = 'Hello, ' + name.value + (event.isTrusted ? '' : ', by script')));
  requestAnimationFrame(() => (button.disabled = false));
  new WebSocket(location.origin.replace('http', 'ws') + '/socket');
`;

describe.each(BROWSERS)('the driver of $name', ({ launch }) => {
  let site: Server;
  let origin: string;
  let browser: RunningBrowser;
  let tab: Tab;

  beforeAll(async () => {
    site = createServer(({ url }, response) =>
      response
        .setHeader('content-security-policy', POLICY)
        .setHeader('content-type', url === '/script.js' ? 'text/javascript' : 'text/html')
        .end(url === '/script.js' ? SCRIPT : PAGE),
    ).listen(0, '127.0.0.1');
    const sockets = new WebSocketServer({ server: site });
    sockets.on('connection', (socket) => socket.terminate());
    await once(site, 'listening');
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    browser = await launch('dark');
  });
  afterAll(async () => {
    await browser.close();
    site.closeAllConnections();
    site.close();
  });
  beforeEach(async () => {
    tab = await browser.tab();
    await tab.open(`${origin}/`);
  });
  afterEach(async () => tab.close());

  it('clicks and types as a person does', async () => {
    await tab.fill('Your name', 'Ann');
    await tab.click('button', 'Greet');
    await tab.sees('Hello, Ann', '#said');
    expect(await tab.text('#said')).toBe('Hello, Ann');
    expect(tab.complaints).toEqual([]);
  });

  it('presses keys', async () => {
    await tab.fill('Your name', 'Ann');
    await tab.press('Tab');
    await tab.press('Shift+Tab');
    // A field that is entered by Tab has its text selected.
    await tab.type('Lee');
    await tab.press('Tab');
    await tab.press('Space');
    await tab.sees('Hello, Lee', '#said');
  });

  it('knows what was asked for, WebSockets too', async () => {
    await eventually(() =>
      expect(tab.requests.map((url) => url.replace(/^\w+:\/\//, ''))).toEqual(
        expect.arrayContaining(['/', '/script.js', '/socket'].map((path) => new URL(origin).host + path)),
      ),
    );
  });

  it('hears of errors, and of violations of the policy', async () => {
    await tab.evaluate('void setTimeout(() => { throw new Error("thrown by the page"); })');
    await eventually(() => expect(tab.complaints.join('\n')).toContain('thrown by the page'));
    await tab.evaluate('console.error("told by the page")');
    await eventually(() => expect(tab.complaints.join('\n')).toContain('told by the page'));
    await tab.evaluate(
      'void document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:1/nowhere.png" }))',
    );
    await eventually(() => expect(tab.complaints.join('\n')).toMatch(/Content.Security.Policy/i));
  });

  it('shows a page in the size and the colours that were asked for', async () => {
    await tab.resize(360, 500);
    expect(await tab.evaluate('[innerWidth, matchMedia("(prefers-color-scheme: dark)").matches]')).toEqual([360, true]);
    const png = await tab.screenshot();
    expect(png.readUInt32BE(16)).toBe(360);
  });

  it('lets axe look at a page in spite of its policy, which asks for nothing', async () => {
    expect(await violations(tab)).toEqual([]);
    await tab.evaluate('void document.querySelector("main").append(document.createElement("button"))');
    const asked = tab.requests.length;
    expect(await violations(tab)).toEqual([expect.stringMatching(/^button-name: /)]);
    expect(await violations(tab, ['button:empty'])).toEqual([]);
    expect(tab.requests).toHaveLength(asked);
  });
});
