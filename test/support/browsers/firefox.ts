import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endsWithTests } from '../ends-with-tests.js';
import { FIREFOX } from '../parts.js';
import { Bidi } from './bidi.js';
import { FirefoxTab } from './firefox-tab.js';
import type { Motion, RunningBrowser, Scheme } from './tab.js';

const LISTENING = /^WebDriver BiDi listening on (ws:\S+)/;

/** Besides those that Firefox sets by itself for whoever drives it. */
const preferences = (scheme: Scheme, motion: Motion): Record<string, boolean | number> => ({
  'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1,
  'ui.prefersReducedMotion': motion === 'reduce' ? 1 : 0,
  // It looks for networks and updates at its start.
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'app.normandy.enabled': false,
});

/** Starts Firefox as it was installed, without a window and with a profile of its own. */
export async function launchFirefox(
  scheme: Scheme = 'light',
  motion: Motion = 'no-preference',
): Promise<RunningBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'homing-firefox-'));
  const lines = Object.entries(preferences(scheme, motion)).map(([name, value]) => `user_pref("${name}", ${value});`);
  await writeFile(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'];
  // By itself it would share its window with whoever has one open.
  const child = endsWithTests(
    spawn(FIREFOX.path ?? '', args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } }),
  );
  const bidi = await Bidi.connect(await address(child.stderr));
  const tabs = await FirefoxTab.opener(bidi);
  return {
    tab: tabs,
    close: async () => {
      const exit = once(child, 'exit');
      // It ends before it has answered.
      bidi.send('browser.close', {}).catch(() => undefined);
      await exit;
      await rm(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Where it says that it listens. What else it says is read on, so that it never waits for a reader. */
function address(stderr: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    createInterface({ input: stderr })
      .on('line', (line) => {
        said.push(line);
        const [, url] = LISTENING.exec(line) ?? [];
        if (url !== undefined) resolve(url);
      })
      .once('close', () => reject(new Error(`Firefox ended: ${said.join('\n')}`)));
  });
}
