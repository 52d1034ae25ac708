import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { PATIENCE } from './eventually.js';
import { BROWSER } from './parts.js';

/** Starts Chromium. */
export function launchBrowser(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: BROWSER.path ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...more],
  });
}

/** A new tab, which is waited for as long as anything else. */
export async function openTab(of: Browser | BrowserContext): Promise<Page> {
  const page = await of.newPage();
  page.setDefaultTimeout(PATIENCE);
  return page;
}
