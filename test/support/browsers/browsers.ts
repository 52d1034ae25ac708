import { BROWSER, FIREFOX } from '../parts.js';
import { launchChromium } from './chromium.js';
import { launchFirefox } from './firefox.js';
import type { RunningBrowser, Scheme } from './tab.js';

/** One of the browsers that this machine has. */
export interface InstalledBrowser {
  readonly name: string;
  launch(scheme?: Scheme): Promise<RunningBrowser>;
}

const ALL = [
  { name: 'Chromium', part: BROWSER, launch: (scheme: Scheme = 'light') => launchChromium(scheme) },
  { name: 'Firefox', part: FIREFOX, launch: (scheme: Scheme = 'light') => launchFirefox(scheme) },
];

/** The browsers that this machine has, for `describe.each(BROWSERS)('... in $name', ({ launch }) => ...)`. */
export const BROWSERS: readonly InstalledBrowser[] = ALL.filter(({ part }) => part.path !== null);
