import type { BrowserContext, Page } from 'playwright-core';
import { launchBrowser, openTab } from '../browser.js';
import { sees, TEXT } from './page-scripts.js';
import type { Key, Motion, Role, RunningBrowser, Scheme, Tab } from './tab.js';

/** Starts Chromium. */
export async function launchChromium(
  colorScheme: Scheme = 'light',
  reducedMotion: Motion = 'no-preference',
): Promise<RunningBrowser> {
  const browser = await launchBrowser();
  return {
    tab: async () => {
      const context = await browser.newContext({ colorScheme, reducedMotion });
      return new ChromiumTab(context, await openTab(context));
    },
    close: () => browser.close(),
  };
}

/** A tab of Chromium, with a context of its own. */
class ChromiumTab implements Tab {
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  constructor(
    private readonly context: BrowserContext,
    private readonly page: Page,
  ) {
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('websocket', (socket) => this.requests.push(socket.url()));
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
  }

  async click(role: Role, name: string): Promise<void> {
    await this.page.getByRole(role, { name, exact: true }).click();
  }

  async fill(label: string, text: string): Promise<void> {
    await this.page.getByLabel(label, { exact: true }).fill(text);
  }

  async press(key: Key): Promise<void> {
    await this.page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  async text(selector = 'body'): Promise<string> {
    return this.evaluate(TEXT(selector));
  }

  async sees(text: string, selector?: string): Promise<void> {
    await sees(this, text, selector);
  }

  async evaluate<T>(expression: string): Promise<T> {
    return this.page.evaluate(expression);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
  }

  async screenshot(): Promise<Buffer> {
    return this.page.screenshot({ fullPage: true });
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
