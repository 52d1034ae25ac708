import { BROWSER, FIREFOX } from '../parts.js';
import { launchChromium } from './chromium.js';
import { launchFirefox } from './firefox.js';
import type { Motion, RunningBrowser, Scheme } from './tab.js';

/** One of the browsers that this machine has. */
export interface InstalledBrowser {
  readonly name: string;
  launch(scheme?: Scheme, motion?: Motion): Promise<RunningBrowser>;
}

const ALL = [
  { name: 'Chromium', part: BROWSER, launch: launchChromium },
  { name: 'Firefox', part: FIREFOX, launch: launchFirefox },
];

/** The browsers that this machine has, for `describe.each(BROWSERS)('... in $name', ({ launch }) => ...)`. */
export const BROWSERS: readonly InstalledBrowser[] = ALL.filter(({ part }) => part.path !== null);

/** Each of them in light and dark. */
export const LOOKS = BROWSERS.flatMap((browser) =>
  (['light', 'dark'] as const).map((scheme) => ({ ...browser, scheme })),
);
