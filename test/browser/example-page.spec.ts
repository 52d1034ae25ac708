import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../src/database/embedded/free-port.js';
import { violations } from '../support/browsers/axe.js';
import { BROWSERS } from '../support/browsers/browsers.js';
import type { RunningBrowser, Tab } from '../support/browsers/tab.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { ProcessHost } from '../support/process-host.js';
import { ProcessInstallation } from '../support/process-installation.js';
import { Program } from '../support/program.js';
import { Service } from '../support/service.js';

describe.each(BROWSERS)('the example of a page in $name', ({ launch }) => {
  let installation: ProcessInstallation;
  let port: string;
  let service: Service;
  let backend: Program;
  let site: string;
  let browser: RunningBrowser;
  let tab: Tab;

  beforeAll(async () => {
    const database = `test_${randomBytes(6).toString('hex')}`;
    installation = await ProcessInstallation.open(database, await createDatabase(database));
    port = String(await freePort());
    service = await start();
    backend = Program.command([process.execPath, 'examples/browser/server.mjs'], {
      HOMING_URL: service.url,
      HOMING_KEY: service.key,
      PORT: '0',
    });
    [, site = ''] = await backend.says(/on (http:\S+)/);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await backend?.kill('SIGTERM');
    await installation?.close();
  });

  beforeEach(async () => {
    await installation.reset();
    tab = await browser.tab();
    await tab.open(site);
    await connected();
  });
  afterEach(async () => tab.close());

  async function start(): Promise<Service> {
    const node = await installation.startNode({ PORT: port });
    return Service.on(ProcessHost.single(installation, node, () => installation.stopNode(node)));
  }

  const connected = () => tab.sees('Connected.', '#connection');
  const count = () => tab.text('#count:not([hidden])');
  const news = (text: string) => tab.sees(`You have ${text}`, '#news');
  const sockets = () => tab.requests.filter((url) => url.includes('/?token=')).length;

  async function push(...texts: string[]): Promise<void> {
    for (const text of texts) await service.push('ann', text);
  }

  it('counts three notifications, lists them, keeps them over a reload, and marks them as read', async () => {
    await push('one', 'two', 'three');
    await news('3 new notifications');
    expect(await count()).toBe('3');
    await tab.open(site);
    await news('3 new notifications');
    await tab.click('button', 'Notifications, 3 new');
    expect(await tab.text('#list')).toMatch(/three[^]*two[^]*one/);
    await tab.click('button', 'Mark as read: two');
    await news('2 new notifications');
    // By keyboard one is where one was, and not at the top of the page.
    const focused = () => tab.evaluate('document.activeElement.ariaLabel');
    expect(await focused()).toBe('Mark as read: one');
    await tab.press('Enter');
    await news('1 new notification');
    expect(await focused()).toBe('Notifications, 1 new');
    await tab.click('button', 'Mark all as read');
    await news('no new notifications');
    expect(await count()).toBe('');
    await tab.click('button', 'Send me a notification');
    await news('1 new notification');
    expect(tab.complaints).toEqual([]);
  });

  it('tells its other tabs', async () => {
    await tab.evaluate(`new Promise((done) => {
      const other = Object.assign(document.createElement('iframe'), { src: '/', onload: done });
      document.body.append(other);
    })`);
    const other = () =>
      tab.evaluate('document.querySelector("iframe").contentDocument.getElementById("news").innerText');
    await push('one', 'two');
    await news('2 new notifications');
    await eventually(async () => expect(await other()).toBe('You have 2 new notifications'));
    await tab.click('button', 'Notifications, 2 new');
    await tab.click('button', 'Mark all as read');
    await eventually(async () => expect(await other()).toBe('You have no new notifications'));
  });

  it('connects by itself when the service is back, and counts once what comes twice', async () => {
    await push('one', 'two', 'three');
    await news('3 new notifications');
    const before = await service.messages();
    for (const { id } of before) await service.settled(id, 'DELIVERED');
    await service.stop();
    await tab.sees('Not connected.', '#connection');
    await tab.click('button', 'Send me a notification');
    await tab.sees('That did not work.', '#not-sent');
    // As if no proof had been recorded before the node died.
    await installation.dataSource.query(`UPDATE messages SET status = 'PENDING', delivered_at = NULL`);
    service = await start();
    await connected();
    await push('four');
    await news('4 new notifications');
    for (const { id } of before) await service.settled(id, 'DELIVERED');
    expect(await count()).toBe('4');
  });

  it('asks for another token when its own is revoked, and stops when it is given none', async () => {
    await service.revoke('ann');
    await eventually(() => expect(sockets()).toBe(2));
    await connected();
    await push('one');
    await news('1 new notification');
    await tab.evaluate('void (window.fetch = async () => new Response(null, { status: 403 }))');
    await service.revoke('ann');
    await tab.sees('You are not allowed to receive notifications.', '#connection');
    expect(sockets()).toBe(2);
  });

  it('connects anew on another network, after sleep, and on the way back to it', async () => {
    await tab.evaluate('void dispatchEvent(new Event("online"))');
    await eventually(() => expect(sockets()).toBe(2));
    await connected();
    // A page that is shown again soon has nothing to do.
    const isShown = (later: number) => `void ((hidden, now) => {
      Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
      hidden = false;
      Date.now = () => now() + ${later};
      document.dispatchEvent(new Event('visibilitychange'));
      Date.now = now;
    })(true, Date.now)`;
    await tab.evaluate(isShown(1_000));
    await tab.evaluate(isShown(61_000));
    await eventually(() => expect(sockets()).toBe(3));
    await connected();
    expect(sockets()).toBe(3);
    await tab.open(`${site}/notifications.js`);
    await tab.evaluate('history.back()').catch(() => undefined);
    await connected();
    await push('one');
    await news('1 new notification');
  });

  it.each(['light', 'dark'] as const)(
    'has nothing for axe to find, in %s, on a phone and on a desk',
    async (scheme) => {
      const looking = await launch(scheme);
      const page = await looking.tab();
      await page.open(site);
      await page.sees('Connected.', '#connection');
      await push('one', 'https://app.example.com/a-long-address-that-has-no-space-in-it-at-all/and-goes-on-and-on');
      await page.sees('You have 2 new notifications', '#news');
      await page.click('button', 'Notifications, 2 new');
      await page.click('button', 'Mark as read: one');
      for (const width of [1_280, 360]) {
        await page.resize(width, 740);
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
      await looking.close();
    },
  );
});
