import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { launchBrowser, openTab } from '../support/browser.js';
import { PASSWORD } from '../support/admin.js';
import { ILLEGIBLE } from '../support/legible.js';
import { BROWSER } from '../support/parts.js';
import { REDIS_SERVER } from '../support/redis-server.js';
import { Service } from '../support/service.js';

const CONNECTIONS = 500;
const SETTINGS = {
  ADMIN_PASSWORD: PASSWORD,
  ADMIN_LOGIN_RATE: '2',
  ADMIN_REPORT_INTERVAL: '1s',
  TRUSTED_PROXIES: '127.0.0.1',
};
/** What Bull Board asks for elsewhere, and does not get. */
const FONTS = 'fonts.googleapis.com';

const BACK_ENDS: [name: string, settings: () => Record<string, string>][] = [['PostgreSQL', () => ({})]];
if (REDIS_SERVER.path !== null) BACK_ENDS.push(['Redis', () => ({ REDIS_URL: inject('redisUrl') })]);

describe.runIf(BROWSER.path)('the admin pages in a browser', () => {
  let service: Service;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let address = 0;
  let elsewhere: string[];
  let complaints: string[];

  beforeAll(async () => {
    service = await Service.start(SETTINGS);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });

  beforeEach(async () => {
    // Each test comes from an address of its own, so that none is slowed by another.
    const extraHTTPHeaders = { 'x-forwarded-for': `192.0.2.${(address += 1)}` };
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, extraHTTPHeaders });
    page = await openTab(context);
    elsewhere = [];
    complaints = [];
    page.on('response', (response) => {
      if (!/^http:\/\/127\.0\.0\.1:|^data:/.test(response.url())) elsewhere.push(response.url());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium itself reports the statuses of wrong passwords.
      if (message.type() === 'error' && !/status of 4(01|29)/.test(message.text()) && !message.text().includes(FONTS))
        complaints.push(message.text());
    });
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(complaints, [], 'errors and policy violations in the browser');
    assert.deepEqual(elsewhere, [], 'answers from elsewhere');
  });

  /** Logs in by keyboard. */
  async function enter(password: string): Promise<void> {
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
  }

  async function logIn({ url } = service): Promise<void> {
    await page.goto(`${url}/admin`);
    await page.getByLabel('Password').waitFor();
    await enter(PASSWORD);
    await page.getByRole('heading', { name: 'At a glance' }).waitFor();
  }

  const number = (name: string) => page.locator('#numbers div', { hasText: name }).locator('dd');

  it('ask for the password, slow whoever guesses, and end at the logout', async () => {
    await page.goto(`${service.url}/admin/queues/queue/events`);
    expect(new URL(page.url()).pathname).toBe('/admin/login');
    expect(await page.evaluate(ILLEGIBLE)).toEqual([]);
    for (let i = 0; i < 2; i += 1) {
      await enter(`guess number ${i}`);
      await page.getByRole('alert').getByText('That is not the password.').waitFor();
    }
    await enter(PASSWORD);
    await page.getByRole('alert').getByText('Too many wrong passwords.').waitFor();
    expect(await context.cookies()).toEqual([]);

    await context.setExtraHTTPHeaders({ 'x-forwarded-for': '192.0.2.200' });
    await logIn();
    expect(await context.cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: '/admin' }]);
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  it('tell of 500 connections at a glance, and of a recipient why a message is PENDING', async () => {
    const names = Array.from({ length: CONNECTIONS }, (_, i) => `recipient-${i}`);
    const clients = [];
    for (let i = 0; i < CONNECTIONS; i += 50)
      clients.push(...(await Promise.all(names.slice(i, i + 50).map((name) => service.connect(name)))));
    await service.push(names, 'a text that nobody may read');
    await Promise.all(clients.map((client) => client.received(1)));
    await logIn();
    // By itself: nobody reloads the page.
    await expect.poll(() => number('Connections').innerText()).toMatch(/^500\s+500 recipients$/);
    await expect.poll(() => page.locator('#nodes tr').count()).toBe(1);

    await service.push('recipient-7', 'a text that nobody may read', { topic: 'news' });
    await page.getByLabel('Tenant').fill('acme');
    await page.getByLabel('Recipient', { exact: true }).fill('recipient-7');
    await page.keyboard.press('Enter');
    await page.getByText('Connected, but to another topic').waitFor();
    await page.getByRole('heading', { name: 'Connections: 1' }).waitFor();
    expect(await page.locator('body').innerText()).not.toContain('nobody may read');
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['light', 360],
      ['dark', 360],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(ILLEGIBLE)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    for (const client of clients) client.socket.terminate();
  });

  it.each(BACK_ENDS)('show the queue in %s with its jobs, without names and texts', async (_name, settings) => {
    // Without a worker jobs wait to be looked at.
    const api = await Service.start({ ...SETTINGS, ...settings(), ROLES: 'api' });
    await api.push(['recipient-one', 'recipient-two'], 'a text that nobody may read');
    await logIn(api);
    await page.getByRole('link', { name: 'Queues' }).click();
    await page.getByRole('link', { name: 'events' }).first().click();
    await page.getByText('MessagesPushed').first().waitFor();
    await page.getByText('recipients:').first().waitFor();
    const shown = await page.locator('body').innerText();
    expect(shown).toMatch(/recipients:\s*2/);
    expect(shown).not.toMatch(/recipient-one|nobody may read/);
    await api.stop();
  });
});
