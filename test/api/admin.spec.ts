import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admin, logIn, PASSWORD } from '../support/admin.js';
import { needsOneProcess, queueIsHere, Service } from '../support/service.js';

const require = createRequire(import.meta.url);
const board = dirname(require.resolve('@bull-board/ui/package.json'));
const { appRoutes } = require('@bull-board/api/dist/routes.js') as {
  appRoutes: Record<'entryPoint', { method: string; route: string[] }> & {
    api: { method: string | string[]; route: string | string[] }[];
  };
};

/** Every path of Bull Board, with its method, as Bull Board itself lists them: its pages, its API, and each of its files. */
const BOARD = [
  ...[appRoutes.entryPoint, ...appRoutes.api].flatMap(({ method, route }) =>
    [method].flat().flatMap((verb) => [route].flat().map((path) => [verb.toUpperCase(), path] as const)),
  ),
  ...readdirSync(join(board, 'dist/static'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(
      (entry) =>
        ['GET', `/static/${relative(join(board, 'dist/static'), join(entry.parentPath, entry.name))}`] as const,
    ),
].map(([method, path]) => [method, `/queues${path.replace(/:\w+/g, 'events')}`] as const);

const OWN = [
  ['GET', ''],
  ['GET', '/'],
  ['POST', '/logout'],
  ['GET', '/page/admin.js'],
  ['GET', '/page/admin.css'],
  ['GET', '/page/admin.html'],
  ['GET', '/api/overview'],
  ['POST', '/api/recipient'],
  ['GET', '/nothing'],
  ['GET', '/login/more'],
  ['PUT', '/login'],
  ['DELETE', '/login'],
] as const;
/** Other ways to write them. */
const ODD = [
  '//queues/api/queues',
  '/queues//api/queues',
  '/%71ueues/api/queues',
  '/QUEUES/api/queues',
  '/login/%2e%2e/queues',
];

describe.runIf(queueIsHere)('the admin pages', () => {
  let service: Service;
  let admin: Admin;
  beforeAll(async () => {
    service = await Service.start({ ADMIN_PASSWORD: PASSWORD, ADMIN_LOGIN_RATE: '3', TRUSTED_PROXIES: '127.0.0.1' });
    admin = await Admin.of(service);
  });
  afterAll(async () => service.stop());

  const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
    fetch(`${service.url}/admin${path}`, { method, redirect: 'manual', headers: { origin: service.url, ...headers } });

  it('give nothing without a login, whatever is asked for', async () => {
    expect(BOARD.length).toBeGreaterThan(80);
    const forged = `${admin.cookie.slice(0, -4)}AAAA`;
    const ways: Record<string, string>[] = [
      {},
      { accept: 'text/html' },
      { cookie: forged },
      { cookie: 'homing_admin=' },
    ];
    for (const [method, path] of [...OWN, ...BOARD, ...ODD.map((odd) => ['GET', odd] as const)])
      await Promise.all(
        ways.map(async (headers) => {
          const answer = await ask(method, path, headers);
          const text = await answer.text();
          expect([401, 303], `${method} ${path} ${JSON.stringify(headers)}`).toContain(answer.status);
          if (answer.status === 303) expect(answer.headers.get('location')).toBe('/admin/login');
          else expect(text).toBe('{"message":"Log in at /admin/login."}');
        }),
      );
  });

  it('are there for whoever has logged in', async () => {
    const file = BOARD.find(([, path]) => path.startsWith('/queues/static/'));
    for (const path of [
      '',
      '/page/admin.js',
      '/page/admin.css',
      '/api/overview',
      '/queues',
      '/queues/',
      '/queues/api/queues',
      '/queues/queue/events',
      file?.[1] ?? '',
    ]) {
      const answer = await admin.fetch(path);
      await answer.arrayBuffer();
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get('x-powered-by')).toBeNull();
      expect(answer.headers.get('cache-control')).toMatch(/^no-store$|^private/);
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    }
    expect((await admin.fetch('/')).headers.get('location')).toBe('../admin');
    for (const path of [
      '/nothing',
      '/queues/static/nothing.js',
      '/queues/static/../index.ejs',
      '/page/',
      '/page/..%2fadmin-page.ts',
    ])
      expect((await admin.fetch(path)).status, path).toBe(404);
  });

  it('take the password alone, and give a session that no script and no other site can use', async () => {
    const form = await (await ask('GET', '/login')).text();
    expect(form).toContain('type="password"');
    const wrong = await logIn(service.url, `${PASSWORD}x`, { 'x-forwarded-for': '192.0.2.1' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('set-cookie')).toBeNull();
    expect(wrong.headers.get('x-frame-options')).toBe('DENY');
    const right = await logIn(service.url);
    expect(right.status).toBe(303);
    expect(right.headers.get('location')).toBe('/admin');
    const cookie = right.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/; Max-Age=43200; Path=\/admin; .*HttpOnly; SameSite=Strict$/);
    const secure = await logIn(service.url, PASSWORD, { 'x-forwarded-proto': 'https' });
    expect(secure.headers.get('set-cookie')).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
    // A proxy that ends TLS and doesn't tell.
    const told = await logIn(service.url, PASSWORD, { origin: service.url.replace('http:', 'https:') });
    expect(told.headers.get('set-cookie')).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
  });

  it('end the session in the browser at the logout', async () => {
    const answer = await admin.fetch('/logout', { method: 'POST' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('set-cookie')).toMatch(/^homing_admin=; Max-Age=0; Path=\/admin; /);
  });

  it.each([
    ['another origin', { origin: 'https://evil.example.com' }],
    ['an origin that hides', { origin: 'null' }],
    ['the same host on another port', { origin: 'http://127.0.0.1:1' }],
    ['another site, by what the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['a sister site, by what the browser says', { 'sec-fetch-site': 'same-site' }],
  ])('change nothing for a page of %s', async (_what, headers: Record<string, string>) => {
    for (const [method, path] of [
      ['POST', '/logout'],
      ['POST', '/api/recipient'],
      ['PUT', '/queues/api/queues/pause'],
    ] as const)
      expect((await admin.fetch(path, { method, headers })).status).toBe(403);
    expect((await logIn(service.url, PASSWORD, headers)).status).toBe(403);
  });

  it('slow whoever guesses: 429 with Retry-After, for the right password too, and for nobody else', async (context) => {
    needsOneProcess(context, 'It counts what each node counts for itself.');
    const from = (address: string, password: string) => logIn(service.url, password, { 'x-forwarded-for': address });
    for (let i = 0; i < 3; i += 1) expect((await from('192.0.2.7', `guess number ${i}`)).status).toBe(401);
    for (const password of ['one more guess', PASSWORD]) {
      const slowed = await from('192.0.2.7', password);
      expect(slowed.status).toBe(429);
      expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(slowed.headers.get('set-cookie')).toBeNull();
    }
    expect((await from('192.0.2.8', PASSWORD)).status).toBe(303);
  });

  it('are read no long body for', async () => {
    const answer = await logIn(service.url, 'x'.repeat(10_000));
    expect(answer.status).toBe(413);
  });

  it('are not there without a password, nor on a node that has no API; a session opens those of every other node', async () => {
    for (const [settings, status] of [
      [{ ADMIN_PASSWORD: '' }, 404],
      [{ ADMIN_PASSWORD: PASSWORD, ROLES: 'gateway,worker' }, 404],
      [{ ADMIN_PASSWORD: PASSWORD, ROLES: 'api' }, 200],
      [{ ADMIN_PASSWORD: `${PASSWORD}, a new one`, ROLES: 'api' }, 401],
    ] as [Record<string, string>, number][]) {
      const node = await service.startSecondNode(settings);
      const answer = await fetch(`${node.url}/admin/queues`, { headers: { cookie: admin.cookie } });
      expect(answer.status, JSON.stringify(settings)).toBe(status);
      await node.stop();
    }
  });
});
