import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { violations } from '../support/browsers/axe.js';
import { BROWSERS, LOOKS } from '../support/browsers/browsers.js';
import type { RunningBrowser, Tab } from '../support/browsers/tab.js';
import { Service } from '../support/service.js';

/** What Altair has made. Its rules for roles and names are not ours to mend; `test/browser/console.spec.ts` looks at its contrast and its keys. */
const EDITOR = '#editor';

describe.each(LOOKS)('the console in $name, $scheme,', ({ launch, scheme }) => {
  let service: Service;
  let browser: RunningBrowser;
  let tab: Tab;
  beforeAll(async () => {
    service = await Service.start();
    browser = await launch(scheme, 'reduce');
  });
  afterAll(async () => {
    await browser.close();
    await service.stop();
  });
  beforeEach(async () => {
    tab = await browser.tab();
    await tab.resize(1280, 800);
    await tab.open(`${service.url}/graphql`);
  });
  afterEach(async () => tab.close());

  it('has an accessible entrance, also when it refuses a key, and a bar above the editor', async () => {
    expect(await violations(tab)).toEqual([]);
    await tab.fill('Access key', 'wrong');
    await tab.click('button', 'Open console');
    await tab.sees('That key is unknown, expired or revoked.');
    expect(await violations(tab)).toEqual([]);
    await tab.fill('Access key', service.key);
    await tab.click('button', 'Open console');
    await tab.sees('pushGlobalMessage', '.window-switcher__list');
    expect(await violations(tab, [EDITOR])).toEqual([]);
  });
});

describe.each(BROWSERS)('the console in $name', ({ launch }) => {
  it('runs an example, and shows the answer', async () => {
    const service = await Service.start();
    const browser = await launch();
    const tab = await browser.tab();
    await tab.open(`${service.url}/graphql`);
    await tab.fill('Access key', service.key);
    await tab.press('Enter');
    await tab.click('button', 'Send Request');
    await tab.sees('"connectionUri": "ws://127.0.0.1:', 'app-query-result');
    await tab.click('button', 'version');
    await tab.click('button', 'Send Request');
    await tab.sees('"version": "', 'app-query-result');
    // The editor tries whether it could compile code, and goes on without; Firefox tells of it.
    expect(tab.complaints.filter((text) => !/blocked a JavaScript eval/.test(text))).toEqual([]);
    expect(tab.requests.filter((url) => !url.startsWith(service.url) && !url.startsWith('data:'))).toEqual([]);
    await tab.click('button', 'Forget key');
    await tab.fill('Access key', 'x');
    expect(await tab.evaluate('sessionStorage.length')).toBe(0);
    await browser.close();
    await service.stop();
  });
});
