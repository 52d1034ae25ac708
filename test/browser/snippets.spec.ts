import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BROWSERS } from '../support/browsers/browsers.js';
import type { RunningBrowser, Tab } from '../support/browsers/tab.js';
import { Service } from '../support/service.js';
import { documents } from '../support/snippets/documents.js';
import { place, type Snippet, snippetsOf } from '../support/snippets/snippets.js';

const SNIPPETS = documents().flatMap(snippetsOf);
const PAGES = SNIPPETS.filter(({ language }) => language === 'html');
/** Scripts of pages: those of documents about the browser that are for no other program. */
const SCRIPTS = SNIPPETS.filter(
  ({ document, language, text }) => document === 'docs/browser.md' && language === 'js' && !text.includes("from 'ws'"),
);
const named = (snippets: readonly Snippet[]) => snippets.map((snippet) => [place(snippet), snippet] as const);

/** What a page of the reader has besides the block. */
const SHOWS = `
  const show = (text) => document.body.append(text, ' ');
  const getConnectionUri = async () => (await (await fetch('/connect', { method: 'POST' })).json()).connectionUri;
`;

describe.each(BROWSERS)('the blocks of the documents in $name', ({ launch }) => {
  let service: Service;
  let site: Server;
  let origin: string;
  let page = '';
  let browser: RunningBrowser;
  let tab: Tab;

  beforeAll(async () => {
    service = await Service.start();
    site = createServer(async ({ url }, response) => {
      if (url === '/connect') response.end(JSON.stringify({ connectionUri: await service.register('ann') }));
      else if (url === '/stay-connected.js')
        response.setHeader('content-type', 'text/javascript').end(readFileSync('examples/browser/stay-connected.js'));
      else response.setHeader('content-type', 'text/html').end(page);
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    site.closeAllConnections();
    site.close();
    await service.stop();
  });
  beforeEach(async () => (tab = await browser.tab()));
  afterEach(async () => tab.close());

  /** Pushes to ann until the page shows it: it may not be connected yet, and then shows what waited. */
  async function arrives(text: string): Promise<void> {
    await service.push('ann', text);
    await tab.sees(text);
  }

  it.each(named(PAGES))('%s shows a message', async (_place, { text }) => {
    page = text.replaceAll('<connectionUri>', await service.register('ann'));
    await tab.open(origin);
    await arrives('for a page');
    expect(tab.complaints.filter((line) => !line.includes('favicon'))).toEqual([]);
  });

  it.each(named(SCRIPTS))('%s shows a message, or knows one again', async (_place, { text }) => {
    const module = text.includes('show(')
      ? `${SHOWS}${text}`
      : `${text}\ndocument.body.append([isNew({ id: 'a' }), isNew({ id: 'a' })])`;
    page = `<!doctype html><link rel="icon" href="data:," /><body><script type="module">${module}</script></body>`;
    await tab.open(origin);
    if (text.includes('show(')) await arrives('for a script');
    else await tab.sees('true,false');
    expect(tab.complaints).toEqual([]);
  });

  it('the loop of the README stays connected', async () => {
    const { text } = SNIPPETS.find((snippet) => snippet.text.includes('async function stayConnected'))!;
    page = `<!doctype html><link rel="icon" href="data:," /><body><script type="module">
      ${SHOWS}${text}\nstayConnected(getConnectionUri, show);</script></body>`;
    await tab.open(origin);
    await arrives('the first');
    await service.revoke('ann');
    await arrives('the second');
    expect(tab.complaints).toEqual([]);
  });
});
