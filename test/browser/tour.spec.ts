import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { violations } from '../support/browsers/axe.js';
import { LOOKS } from '../support/browsers/browsers.js';
import type { RunningBrowser, Tab } from '../support/browsers/tab.js';
import { eventually } from '../support/eventually.js';
import { RawConnection, upgradeRequest } from '../support/raw-connection.js';
import { Service } from '../support/service.js';
import { ANIMATIONS_OF_A_TRACK } from '../support/tour.js';

const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8';

describe('GET /', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(async () => service.stop());

  const get = async (path: string, accept: string, { url } = service) => fetch(url + path, { headers: { accept } });

  it('gives a browser one document, whose policy allows its own style and script alone', async () => {
    const response = await get('/', HTML);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('vary')).toContain('Accept');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self' ws:\/\/127\.0\.0\.1:\d+$/,
    );
    expect(await response.text()).not.toMatch(/<(script|img|link|iframe)[^>]* (src|href)="(?!data:)/);
  });

  it.each([
    ['/', '*/*'],
    ['/', 'application/json'],
    ['/?token=x', HTML],
    ['/elsewhere', HTML],
  ])('leaves %s to a client that accepts %s as it is: not found', async (path, accept) => {
    const response = await get(path, accept);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('json');
  });

  it('leaves WebSockets alone, whatever they accept', async () => {
    const raw = await RawConnection.open(service.url);
    const { search } = new URL(await service.register('ann'));
    raw.write(upgradeRequest(`/${search}`, { Accept: HTML }));
    expect(await raw.status()).toBe(101);
    raw.end();
  });

  it('names the address of PUBLIC_URL in its policy', async () => {
    const other = await service.startSecondNode({ PUBLIC_URL: 'https://push.example.com' });
    expect((await get('/', HTML, other)).headers.get('content-security-policy')).toMatch(
      /connect-src 'self' wss:\/\/push\.example\.com$/,
    );
    await other.stop();
  });

  it.each<Record<string, string>>([{ TOUR: 'off' }, { ROLES: 'gateway' }])('is not found with %j', async (settings) => {
    const other = await service.startSecondNode(settings);
    const answer = await get('/?token=a-token', HTML, other);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('a-token');
    await other.stop();
  });
});

describe.each(LOOKS)('the tour in $name, $scheme,', ({ launch, scheme }) => {
  let service: Service;
  let browser: RunningBrowser;
  let tab: Tab;
  beforeAll(async () => {
    service = await Service.start();
    // axe must not look at what is only half in sight.
    browser = await launch(scheme, 'reduce');
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });
  beforeEach(async () => {
    tab = await browser.tab();
  });
  afterEach(async () => tab.close());

  it('shows all that it promises, accessible after each step, and asks nobody but the service', async () => {
    await tab.resize(1280, 900);
    await tab.open(`${service.url}/`);
    const accessible = async () => expect(await violations(tab)).toEqual([]);
    await accessible();

    await tab.fill('Access key', service.key);
    await tab.click('button', 'Use this key');
    await tab.sees('The service knows this key.');
    await accessible();

    await tab.fill('Recipient', 'ann of the tour');
    await tab.click('button', 'Register');
    await tab.sees('/?token=', '#uri');
    await accessible();

    await tab.click('button', 'Connect');
    await tab.sees('Connected', '#state');
    await accessible();

    await tab.fill('Message', 'first of the tour');
    await tab.click('button', 'Push');
    await tab.sees('DELIVERED', '#push-step .track');
    await tab.sees('Arrived here', '#push-step .track');
    expect(await tab.text('#push-step .track')).toMatch(/proven \d.* m?s after the push/);
    const [first] = await service.messages({ recipient: 'ann of the tour' });
    const times = await tab.evaluate('[...document.querySelectorAll("#push-step time")].map((time) => time.dateTime)');
    expect(times).toEqual([first?.createdAt, first?.deliveredAt]);
    await tab.sees('first of the tour', '.received');
    await accessible();

    await tab.click('button', 'Close the connection');
    await tab.sees('Not connected', '#state');
    await tab.click('button', 'Push into the dark');
    await tab.sees('PENDING', '#away-step .track');
    await accessible();
    await tab.click('button', 'Connect again');
    await tab.sees('DELIVERED', '#away-step .track');
    await accessible();

    await tab.fill('Message', 'nobody gets this');
    await tab.click('button', 'Push with an expiry');
    await tab.sees('CANCELLED', '#expiry-step .track');
    await accessible();
    await tab.click('button', 'Connect after all');
    await tab.sees('Connected', '#state');

    await tab.click('button', 'Connect three more');
    await tab.click('button', 'Push to everybody');
    await tab.sees('Proven by 4: ann of the tour, bea, cem, dan.', '#reach');
    await tab.sees('Hello, everybody', '.crowd li:last-child');
    await tab.sees('Hello, everybody', '.received');
    expect(await tab.text('.received')).not.toContain('nobody gets this');
    await accessible();

    await tab.click('radio', 'JavaScript');
    await tab.click('button', 'Copy the code');
    await eventually(async () => expect(await tab.text('#copied')).toMatch(/^(Copied|Selected)/));
    await tab.resize(360, 740);
    // What is wider than the page could be scrolled to.
    expect(await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await accessible();

    // Firefox tells of a WebSocket by its handshake, which is HTTP.
    const asked = new Set(tab.requests.map((url) => url.replace(/^ws:/, 'http:').replace(/token=.*/, 'token=')));
    expect([...asked].filter((url) => !url.startsWith('data:')).sort()).toEqual(
      ['/', '/?token=', '/graphql'].map((path) => service.url + path),
    );
    expect(JSON.stringify(tab.requests)).not.toContain(service.key);
    expect(await tab.evaluate('[document.cookie, JSON.stringify(localStorage), location.href]')).toEqual([
      '',
      '{}',
      `${service.url}/`,
    ]);
    expect(tab.complaints).toEqual([]);
  });

  it('moves nothing, as is wished', async () => {
    await tab.open(`${service.url}/`);
    expect(await tab.evaluate(ANIMATIONS_OF_A_TRACK)).toBe(0);
  });
});
