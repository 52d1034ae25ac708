import assert from 'node:assert/strict';
import { eventually } from '../eventually.js';
import type { Bidi } from './bidi.js';
import { BY_ROLE, FIELDS, named, PRESENCE, SELECT, sees, TEXT } from './page-scripts.js';
import type { Key, Role, Tab } from './tab.js';

interface RemoteValue<R> {
  readonly type: 'success' | 'exception';
  readonly result?: { readonly value?: R };
  readonly exceptionDetails?: { readonly text: string };
}
interface LogEntry {
  readonly level: string;
  readonly text: string;
  readonly source: { readonly context: string };
}
interface SentRequest {
  readonly context: string;
  readonly request: { readonly url: string };
}
type Node = { readonly sharedId: string };

/** As the protocol writes keys that are no characters. */
const KEYS: Record<Key, readonly string[]> = {
  Tab: ['\uE004'],
  'Shift+Tab': ['\uE008', '\uE004'],
  Enter: ['\uE007'],
  Space: [' '],
};

/** A tab of Firefox, with a container of its own. */
export class FirefoxTab implements Tab {
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  private constructor(
    private readonly bidi: Bidi,
    private readonly context: string,
    private readonly userContext: string,
  ) {}

  /** Gives what opens tabs, and hands to each what the browser tells of it. */
  static async opener(bidi: Bidi): Promise<() => Promise<FirefoxTab>> {
    const tabs = new Map<string, FirefoxTab>();
    await bidi.subscribe('log.entryAdded', ({ level, text, source }: LogEntry) => {
      if (level === 'error') tabs.get(source.context)?.complaints.push(text);
    });
    await bidi.subscribe('network.beforeRequestSent', ({ context, request }: SentRequest) =>
      tabs.get(context)?.requests.push(request.url),
    );
    return async () => {
      const { userContext } = await bidi.send<{ userContext: string }>('browser.createUserContext', {});
      const { context } = await bidi.send<{ context: string }>('browsingContext.create', { type: 'tab', userContext });
      const tab = new FirefoxTab(bidi, context, userContext);
      tabs.set(context, tab);
      return tab;
    };
  }

  async open(url: string): Promise<void> {
    await this.bidi.send('browsingContext.navigate', { context: this.context, url, wait: 'complete' });
  }

  async click(role: Role, name: string): Promise<void> {
    await this.clickOn(`${role} "${name}"`, named(BY_ROLE[role], name));
  }

  async fill(label: string, text: string): Promise<void> {
    await this.clickOn(`field "${label}"`, named(FIELDS, label));
    await this.callFunction(SELECT);
    await this.type(text);
  }

  async press(key: Key): Promise<void> {
    await this.keys([...downs(KEYS[key]), ...ups(KEYS[key].toReversed())]);
  }

  async type(text: string): Promise<void> {
    await this.keys(Array.from(text, (character) => [...downs([character]), ...ups([character])]).flat());
  }

  async text(selector = 'body'): Promise<string> {
    return this.evaluate(TEXT(selector));
  }

  async sees(text: string, selector?: string): Promise<void> {
    await sees(this, text, selector);
  }

  async evaluate<T>(expression: string): Promise<T> {
    const text = await this.callFunction<string | undefined>(`async () => JSON.stringify(await (${expression}))`);
    return (text === undefined ? undefined : JSON.parse(text)) as T;
  }

  async resize(width: number, height: number): Promise<void> {
    await this.bidi.send('browsingContext.setViewport', { context: this.context, viewport: { width, height } });
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.bidi.send<{ data: string }>('browsingContext.captureScreenshot', {
      context: this.context,
      origin: 'document',
    });
    return Buffer.from(data, 'base64');
  }

  async close(): Promise<void> {
    await this.bidi.send('browser.removeUserContext', { userContext: this.userContext });
  }

  /** Clicks on the one of these that can be clicked, as soon as that is so. */
  private async clickOn(what: string, find: string): Promise<void> {
    const point = await eventually(async () => {
      const places = await Promise.all(
        (await this.callFunction<readonly Node[]>(find)).map(async ({ sharedId }) => {
          const presence = await this.callFunction<string>(PRESENCE, [{ sharedId }]);
          return JSON.parse(presence) as { x: number; y: number } | null;
        }),
      );
      const [place, ...more] = places.filter((one) => one !== null);
      assert.ok(place && more.length === 0, `Of the ${what} there are ${more.length + (place ? 1 : 0)} to click`);
      return place;
    });
    await this.perform('pointer', [
      { type: 'pointerMove', ...point },
      { type: 'pointerDown', button: 0 },
      { type: 'pointerUp', button: 0 },
    ]);
  }

  private async keys(actions: readonly object[]): Promise<void> {
    await this.perform('key', actions);
  }

  private async perform(type: 'key' | 'pointer', actions: readonly object[]): Promise<void> {
    const params = { context: this.context, actions: [{ type, id: type, actions }] };
    await this.bidi.send('input.performActions', params);
  }

  /** Calls a function in the page, and gives what it gives: a text, or nodes. */
  private async callFunction<R>(functionDeclaration: string, args: readonly Node[] = []): Promise<R> {
    const { type, result, exceptionDetails } = await this.bidi.send<RemoteValue<R>>('script.callFunction', {
      functionDeclaration,
      arguments: args,
      target: { context: this.context },
      awaitPromise: true,
    });
    if (type === 'exception') throw new Error(exceptionDetails?.text);
    return result?.value as R;
  }
}

const downs = (values: readonly string[]) => values.map((value) => ({ type: 'keyDown', value }));
const ups = (values: readonly string[]) => values.map((value) => ({ type: 'keyUp', value }));
