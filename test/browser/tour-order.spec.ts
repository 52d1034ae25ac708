import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BROWSERS } from '../support/browsers/browsers.js';
import type { RunningBrowser, Tab } from '../support/browsers/tab.js';
import { eventually } from '../support/eventually.js';
import { Service } from '../support/service.js';

/** The phone of somebody who has set letters of twice the size: it has half as many of them beside and below each other. */
const LARGE_LETTERS = [180, 370] as const;
/** Whether the middle of what has the focus can be seen. */
const FOCUS_IN_SIGHT = `((focused) => {
  const { left, top, width, height } = focused.getBoundingClientRect();
  return focused.contains(document.elementFromPoint(left + width / 2, top + height / 2));
})(document.activeElement)`;

describe.each(BROWSERS)('the tour in $name, in an order of its own,', ({ launch }) => {
  let service: Service;
  let browser: RunningBrowser;
  let tab: Tab;
  beforeAll(async () => {
    service = await Service.start();
    browser = await launch('light', 'reduce');
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

  async function connect(recipient: string): Promise<void> {
    await tab.fill('Access key', service.key);
    await tab.click('button', 'Use this key');
    await register(recipient);
    await tab.click('button', 'Connect');
    await tab.sees('Connected', '#state');
  }

  async function register(recipient: string): Promise<void> {
    await tab.fill('Recipient', recipient);
    await tab.click('button', 'Register');
    await tab.sees(recipient, '#listener');
  }

  /** As far as the last step. */
  async function pushAll(): Promise<void> {
    await tab.click('button', 'Push');
    await tab.click('button', 'Close the connection');
    await tab.sees('Not connected', '#state');
    await tab.click('button', 'Push into the dark');
    await tab.click('button', 'Push with an expiry');
    await tab.sees('PENDING', '#expiry-step .track');
  }

  const cards = () =>
    tab.evaluate('[...document.querySelectorAll(".crowd li")].map((card) => card.querySelector("b").textContent)');

  it('says that a connection is open, before a message is pushed into the dark', async () => {
    await connect('open');
    await tab.click('button', 'Push');
    await tab.sees('DELIVERED', '#push-step .track');
    await tab.click('button', 'Push into the dark');
    await tab.sees('The connection is open', '#away-step [role=alert]');
    expect(await service.messages({ recipient: 'open' })).toHaveLength(1);
    await tab.click('button', 'Close the connection');
    await tab.sees('Not connected', '#state');
    expect(await tab.text('#away-step [role=alert]')).toBe('');
    await tab.click('button', 'Push into the dark');
    await tab.sees('PENDING', '#away-step .track');
    const heard = () => tab.evaluate('document.getElementById("news").textContent');
    await eventually(async () => expect(await heard()).toBe('Stored, and not proven yet.'));
    await register('another');
    await eventually(async () => expect(await heard()).toBe('Registered: another'));
    await tab.sees('Not connected', '#state');
  });

  it('pushes to everybody again and again, also when one of them listens twice, or was revoked', async () => {
    await connect('bea');
    await pushAll();
    await tab.click('button', 'Connect after all');
    await tab.sees('Connected', '#state');
    await tab.click('button', 'Connect three more');
    await tab.click('button', 'Push to everybody');
    await tab.sees('Proven by 3: bea, cem, dan.', '#reach');
    await eventually(async () =>
      expect(await tab.evaluate('document.getElementById("everybody-step").className')).toContain('finished'),
    );
    await service.revoke('cem');
    await tab.sees('revoked', '.crowd');
    await tab.click('button', 'Push to everybody');
    await tab.sees('Proven by 2: bea, dan.', '#reach');
    await tab.click('button', 'Connect three more');
    await eventually(async () => expect(await tab.text('.crowd')).not.toContain('revoked'));
    expect(await cards()).toEqual(['bea', 'cem', 'dan']);
    await tab.click('button', 'Push to everybody');
    await tab.sees('Proven by 3: bea, cem, dan.', '#reach');
  });

  it('hides nothing where letters are large', async () => {
    await tab.resize(...LARGE_LETTERS);
    await connect('large');
    await pushAll();
    await tab.click('button', 'Connect three more');
    await tab.sees('dan', '.crowd');
    expect(await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await tab.evaluate('document.getElementById("forget").focus()');
    for (const id of ['recipient', '', 'connect', 'text', '', 'away-close', 'away-push', 'away-connect', 'lifetime']) {
      await tab.press('Tab');
      expect(await tab.evaluate('document.activeElement.id')).toBe(id);
      expect(await tab.evaluate(FOCUS_IN_SIGHT), id).toBe(true);
    }
  });
});
