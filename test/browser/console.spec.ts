import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Controller, Get, Headers, HttpCode, HttpException, Module, Post, Body } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { buildSchema, graphql } from 'graphql';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleModule } from '../../src/graphql/console/console.module.js';
import { securityHeaders } from '../../src/http/security-headers.js';
import { openTab } from '../support/browser.js';
import { ILLEGIBLE } from '../support/legible.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const CHROMIUM_ARGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const KEY = 'homing_valid_key';
const NARROW_KEY = 'homing_key_without_version';
const REFUSED = 'That key is unknown, expired or revoked.';

const SCHEMA = buildSchema(`
  scalar Token
  type Query { "The version of the service." version: String! }
  type Mutation { registerRecipient(input: RegisterRecipientInput!): RegisterRecipientResponse! }
  input RegisterRecipientInput { recipient: String!  topic: String }
  "What a recipient needs to connect."
  type RegisterRecipientResponse { token: Token!  connectionUri: String! }
`);

/** Stands for the API, which has tests of its own: it knows two keys and answers two fields. */
@Controller('graphql')
class StubApi {
  @Get()
  get() {
    return { answeredBy: 'api' };
  }

  @Post()
  @HttpCode(200)
  post(
    @Headers('x-api-key') key: string | undefined,
    @Body() body: { query: string; variables?: Record<string, unknown> },
  ) {
    if (key === NARROW_KEY && body.query === '{ version }') return refusal('FORBIDDEN');
    if (key !== KEY && key !== NARROW_KEY) throw new HttpException(refusal('UNAUTHENTICATED'), 401);
    const rootValue = {
      version: '1.2.3-stub',
      registerRecipient: ({ input }: { input: { recipient: string } }) => ({
        token: `token-of-${input.recipient}`,
        connectionUri: 'ws://localhost/?token=x',
      }),
    };
    return graphql({ schema: SCHEMA, source: body.query, variableValues: body.variables ?? {}, rootValue });
  }
}

function refusal(code: string) {
  return { errors: [{ message: 'Refused.', extensions: { code } }] };
}

@Module({ imports: [ConsoleModule], controllers: [StubApi] })
class StubModule {}

/** Gives all rows of all databases of the browser's page. */
const STORED_IN_DATABASES = `(async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const rows = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) rows.push(...(await done(database.transaction(store).objectStore(store).getAll())));
  }
  return rows;
})()`;

let app: NestExpressApplication;
let origin: string;

beforeAll(async () => {
  app = await NestFactory.create<NestExpressApplication>(StubModule, { logger: ['error'] });
  app.use(securityHeaders({ publicUrl: null }));
  await app.listen(0, '127.0.0.1');
  origin = await app.getUrl();
});

afterAll(() => app.close());

const get = (path: string, accept: string) => fetch(origin + path, { headers: { accept } });

describe('GET /graphql', () => {
  it('gives a browser the page, with headers that keep it to itself', async () => {
    const response = await get('/graphql', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8');

    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('vary')).toContain('Accept');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe-eval');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await response.text()).not.toContain('registerRecipient');
  });

  it.each(['application/json', 'application/graphql-response+json', '*/*'])(
    'leaves a client that accepts %s to the API',
    async (accept) => {
      const response = await get('/graphql?query={version}', accept);

      expect(await response.json()).toEqual({ answeredBy: 'api' });
    },
  );

  it('is found with a slash at the end, too', async () => {
    const response = await get('/graphql/', 'text/html');

    expect(response.url).toBe(`${origin}/graphql`);
    expect(response.status).toBe(200);
  });

  it('serves files that browsers may keep for ever, with their types', async () => {
    const page = await (await get('/graphql', 'text/html')).text();
    const base = /<base href="([^"]+)"/.exec(page)?.[1];

    for (const [file, type] of [
      ['../console.js', 'text/javascript'],
      ['../console.css', 'text/css'],
      ['../icon.svg', 'image/svg+xml'],
      ['main.js', 'text/javascript'],
      ['styles.css', 'text/css'],
    ]) {
      const response = await get(`/${base}${file}`, '*/*');
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain(type);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('has no file outside the console to give', async () => {
    const base = /<base href="([^"]+)"/.exec(await (await get('/graphql', 'text/html')).text())?.[1];

    for (const path of [
      `/${base}nothing.js`,
      `/${base}..%2f..%2f..%2f..%2fpackage.json`,
      '/graphql/console/other/console.js',
    ]) {
      const response = await get(path, '*/*');
      expect([400, 403, 404]).toContain(response.status);
      expect(await response.text()).not.toContain('"dependencies"');
    }
  });
});

const missing = !existsSync(CHROMIUM);
if (missing && process.env.HOMING_REQUIRE_ALL === '1')
  throw new Error(`The console's test needs a Chromium at ${CHROMIUM}.`);
const reason = missing ? ` (skipped: no Chromium at ${CHROMIUM}; set CHROMIUM to its path)` : '';

describe.skipIf(missing)(`The console in a browser${reason}`, () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let requested: string[];
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS.split(' ') });
  });

  afterAll(() => browser?.close());

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await openTab(context);
    requested = [];
    complaints = [];
    page.on('request', (request) => requested.push(request.url()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium itself reports the 401 of a wrong key, which is no fault of the page.
      if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
    });
    await page.goto(`${origin}/graphql`);
  });

  afterEach(async () => {
    await context.close();
    assert.deepEqual(complaints, [], 'errors and policy violations in the browser');
    const elsewhere = requested.filter((url) => !url.startsWith(`${origin}/`));
    assert.deepEqual(elsewhere, [], 'requests to elsewhere');
  });

  async function enter(key: string) {
    await page.getByLabel('Access key').fill(key);
    await page.keyboard.press('Enter');
  }

  const editorTab = (name: string) => page.locator('.window-switcher__item').getByText(name, { exact: true });

  it('asks for an access key first, and shows nothing else', async () => {
    await page.getByLabel('Access key').waitFor();

    expect(await page.locator('body').innerText()).not.toMatch(/registerRecipient|version|Query|Mutation/);
    expect(requested.filter((url) => url.includes('/editor') || url.includes('examples'))).toEqual([]);
    expect(await page.getByRole('button', { name: 'Forget key' }).isVisible()).toBe(false);
  });

  it.each(['wrong', 'schlüssel', 'two words'])('says that the key %j is not one', async (key) => {
    await enter(key);

    await page.getByRole('alert').filter({ hasText: REFUSED }).waitFor();
    expect(await page.getByLabel('Access key').isVisible()).toBe(true);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('opens with a valid key that lacks the scope of version', async () => {
    await enter(NARROW_KEY);

    await page.getByRole('button', { name: 'Send Request' }).waitFor();
    expect(await page.getByLabel('Access key').isVisible()).toBe(false);
  });

  it('shows documentation and runs the examples, and keeps the key in the session alone', async () => {
    await enter(KEY);

    await page.locator('app-doc-viewer').getByText('Mutation', { exact: true }).click();
    await page.locator('app-doc-viewer').getByText('RegisterRecipientResponse').first().waitFor();

    await page.getByRole('button', { name: 'Send Request' }).click();
    await page.locator('app-query-result').getByText('token-of-d9f3c17a-c6de-4e5e-b42b-98fbfb46a108').waitFor();
    await editorTab('version').click();
    await page.getByRole('button', { name: 'Send Request' }).click();
    await page.locator('app-query-result').getByText('1.2.3-stub').waitFor();

    expect(page.url()).toBe(`${origin}/graphql`);
    expect(requested.filter((url) => url.includes(KEY))).toEqual([]);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(KEY);
    expect(await context.cookies()).toEqual([]);
    expect(JSON.stringify(await page.evaluate(STORED_IN_DATABASES))).not.toContain(KEY);
    expect(await page.evaluate('Object.values(sessionStorage)')).toEqual([KEY]);
  });

  it("has the reference's operations ready, and shows them on a phone", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await enter(KEY);
    await editorTab('version').waitFor();

    const names = await page.locator('.window-switcher__input').allInnerTexts();
    expect(names.map((name) => name.trim())).toEqual([
      'registerRecipient',
      'pushMessage',
      'pushGlobalMessage',
      'messages',
      'globalMessages',
      'version',
    ]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  it.each(['light', 'dark'] as const)('can be read in %s, 1280 and 360 pixels wide', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(ILLEGIBLE)).toEqual([]);
    }

    await enter(KEY);
    await editorTab('version').waitFor();
    await page.getByRole('button', { name: 'Send Request' }).click();
    await page.locator('app-query-result').getByText('token-of-d9f3c17a-c6de-4e5e-b42b-98fbfb46a108').waitFor();

    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.locator('.query-editor__input').hover();
      await expect.poll(() => page.evaluate(ILLEGIBLE)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  });

  it('can be used by keyboard alone', async () => {
    await enter(KEY);
    await editorTab('version').waitFor();

    await page.getByRole('button', { name: 'version', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Send Request' }).focus();
    await page.keyboard.press('Enter');

    expect(await page.locator('app-query-result').getByText('1.2.3-stub').innerText()).toContain('1.2.3-stub');
  });

  it('returns to the form when the key is forgotten, and after a reload it is still forgotten', async () => {
    await enter(KEY);
    await page.getByRole('button', { name: 'Forget key' }).click();

    await page.getByLabel('Access key').waitFor();
    await page.reload();
    await page.getByLabel('Access key').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('stays open through a reload', async () => {
    await enter(KEY);
    await page.getByRole('button', { name: 'Forget key' }).waitFor();

    await page.reload();

    await page.getByRole('button', { name: 'Send Request' }).waitFor();
    expect(await page.getByLabel('Access key').isVisible()).toBe(false);
  });
});
