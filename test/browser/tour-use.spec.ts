import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BROWSERS } from '../support/browsers/browsers.js';
import type { RunningBrowser, Tab } from '../support/browsers/tab.js';
import { eventually } from '../support/eventually.js';
import { startPathProxy } from '../support/path-proxy.js';
import { Service } from '../support/service.js';
import { ANIMATIONS_OF_A_TRACK } from '../support/tour.js';

/** Names and texts in which shells, scripts and pages could find something. */
const NASTY = `O'Neil "$HOME" \`id\` \\ </script> é`;
const run = promisify(execFile);

describe.each(BROWSERS)('the tour in $name', ({ launch }) => {
  let service: Service;
  let browser: RunningBrowser;
  let tab: Tab;
  beforeAll(async () => {
    service = await Service.start();
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });
  beforeEach(async () => {
    tab = await browser.tab();
    await tab.open(`${service.url}/`);
  });
  afterEach(async () => tab.close());

  async function enter(key: string): Promise<void> {
    await tab.fill('Access key', key);
    await tab.click('button', 'Use this key');
  }

  async function connect(recipient: string): Promise<void> {
    await tab.fill('Recipient', recipient);
    await tab.click('button', 'Register');
    await tab.click('button', 'Connect');
    await tab.sees('Connected', '#state');
  }

  /** Presses Tab until the focus is on what has this text or id; each stop on the way can be seen. */
  async function tabTo(what: string): Promise<void> {
    const focus = `(({ id, textContent }) => [id, textContent.trim()])(document.activeElement)`;
    await eventually(async () => {
      await tab.press('Tab');
      expect(await tab.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
      expect(await tab.evaluate(focus)).toContain(what);
    });
  }

  it('needs no mouse', async () => {
    await tab.type(service.key);
    await tab.press('Enter');
    await tab.sees('The service knows this key.');
    await eventually(async () => expect(await tab.evaluate('document.activeElement.id')).toBe('recipient'));
    await tab.press('Enter');
    await tab.sees('token=', '#uri');
    await tabTo('Connect');
    await tab.press('Space');
    await tab.sees('Connected', '#state');
    await tabTo('text');
    await tab.type('by keyboard');
    await tab.press('Enter');
    await tab.sees('DELIVERED', '#push-step .track');
    await tab.sees('by keyboard', '.received');
    // What is heard of it.
    await eventually(async () =>
      expect(await tab.evaluate('document.querySelector("#news[role=status]").textContent')).toMatch(/^DELIVERED: /),
    );
    expect(tab.complaints).toEqual([]);
  });

  it('moves what appears', async () => {
    expect(await tab.evaluate(ANIMATIONS_OF_A_TRACK)).toBe(1);
  });

  it('keeps the key through a reload, and forgets it when asked to', async () => {
    await enter(service.key);
    await tab.sees('The service knows this key.');
    await tab.open(`${service.url}/`);
    await tab.sees('The service knows this key.');
    await tab.click('button', 'Forget key');
    await tab.fill('Access key', 'x');
    expect(await tab.evaluate('sessionStorage.length')).toBe(0);
  });

  it('says in a sentence what the API refuses', async () => {
    await enter('schlüssel');
    await tab.sees('That key is unknown, expired or revoked.', '#key-step [role=alert]');
    await enter('wrong');
    await tab.sees('That key is unknown, expired or revoked.', '#key-step [role=alert]');
    expect(await tab.evaluate('sessionStorage.length')).toBe(0);

    const narrow = await service.createKey({ scope: 'websockets-manager-api:mutation:registerRecipient' });
    await enter(narrow);
    await connect('ann');
    await tab.click('button', 'Push');
    await tab.sees('lacks the scope websockets-manager-api:mutation:pushMessage', '#push-step [role=alert]');

    const blind = await service.createKey({ scope: 'websockets-manager-api:mutation:*' });
    await tab.click('button', 'Forget key');
    await enter(blind);
    await connect('ann');
    await tab.click('button', 'Push');
    await tab.sees('lacks the scope websockets-manager-api:query:messages', '#push-step [role=alert]');
    await tab.sees('PENDING', '#push-step .track');
  });

  it('says that it is asked too much, and for how long', async () => {
    const slow = await service.startSecondNode({ MUTATION_RATE: '1' });
    await tab.open(`${slow.url}/`);
    await enter(service.key);
    await eventually(async () => {
      await tab.click('button', 'Register');
      await eventually(async () =>
        expect(await tab.evaluate('document.getElementById("recipient-form").ariaBusy')).toBe(null),
      );
      expect(await tab.text('#recipient-step [role=alert]')).toBe('Too many mutations. Try again in 1 s.');
    });
    await slow.stop();
  });

  it('says that the service stops, and that it does not answer', async () => {
    const ending = await service.startSecondNode({ DRAIN_TIME: '0' });
    await tab.open(`${ending.url}/`);
    await enter(service.key);
    await connect('ann');
    await ending.shutDown();
    await tab.sees('Trying again', '#state');
    await tab.click('button', 'Push');
    await tab.sees('The service does not answer.', '#push-step [role=alert]');
  });

  it("works below a proxy's path, and comes back by itself when a connection is cut", async () => {
    const proxy = await startPathProxy(service.url);
    await tab.open(proxy.url);
    await enter(service.key);
    await connect('cut');
    proxy.cut();
    await tab.sees('Trying again', '#state');
    await service.push('cut', 'after the cut');
    await tab.sees('Connected', '#state');
    await tab.sees('after the cut', '.received');
    proxy.stop();
  });

  it('gives code that does what was done, whatever the texts hold, and in which no key is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'homing-code-'));
    await enter(service.key);
    await connect(NASTY);
    await tab.fill('Message', NASTY);
    await tab.click('button', 'Push');
    await tab.sees('DELIVERED', '#push-step .track');
    const code = async (language: string) => {
      await tab.click('radio', language);
      return tab.evaluate<string>('document.getElementById("code").textContent');
    };
    const env = { ...process.env, KEY: service.key };

    const curl = await code('curl');
    const script = await code('JavaScript');
    const page = await code('HTML');
    expect(curl + script + page).not.toContain(service.key);
    await writeFile(join(folder, 'push.mjs'), script);
    for (const { stdout } of [
      await run('sh', ['-c', curl], { env }),
      await run(process.execPath, [join(folder, 'push.mjs')], { env }),
    ])
      expect(JSON.parse(stdout)).toMatchObject({
        data: { pushMessage: [{ item: { recipient: NASTY, message: NASTY }, error: null }] },
      });

    await writeFile(join(folder, 'page.html'), page);
    const listener = await browser.tab();
    await listener.open(pathToFileURL(join(folder, 'page.html')).href);
    await tab.click('button', 'Close the connection');
    const [pushed] = await eventually(async () => {
      const sent = await service.push(NASTY, 'to the page');
      expect(await listener.text('#messages')).toContain('to the page');
      return sent;
    });
    await service.settled(pushed!.id, 'DELIVERED');
    await listener.close();
    await rm(folder, { recursive: true });
  });
});
