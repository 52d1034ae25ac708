/** What the operating system asks pages to look like. */
export type Scheme = 'light' | 'dark';
export type Motion = 'no-preference' | 'reduce';

/** The keys that a test presses by their name. */
export type Key = 'Tab' | 'Shift+Tab' | 'Enter' | 'Space';

/** What the accessibility tree calls an element, so that a test finds what people find. */
export type Role = 'button' | 'link' | 'checkbox' | 'radio' | 'tab' | 'heading';

/**
 * A tab of a real browser: what tests of pages do alike in each of them. Whatever looks for an element waits until exactly one is in sight,
 * as long as `eventually` does, and fails with what it looked for.
 */
export interface Tab {
  /** Loads the page, and waits until it has loaded. */
  open(url: string): Promise<void>;
  /** Clicks in the middle of an element, with the mouse. */
  click(role: Role, name: string): Promise<void>;
  /** Puts a text into the field with this label in place of what is there, as whoever types it. */
  fill(label: string, text: string): Promise<void>;
  /** Presses a key, wherever the focus is. */
  press(key: Key): Promise<void>;
  /** Types a text, wherever the focus is. */
  type(text: string): Promise<void>;
  /** The text in sight within the first element that the selector finds; the page's without one. */
  text(selector?: string): Promise<string>;
  /** Waits until the page shows this text, within the selector if one is given. */
  sees(text: string, selector?: string): Promise<void>;
  /** The value of an expression in the page, or what its promise becomes. It must be made of what JSON has. */
  evaluate<T>(expression: string): Promise<T>;
  /** Sets the size of the page, in CSS pixels. */
  resize(width: number, height: number): Promise<void>;
  /** A PNG of the whole page. */
  screenshot(): Promise<Buffer>;
  /** Errors of the page's scripts and violations of its policy, since the tab was opened. */
  readonly complaints: string[];
  /** The addresses of all requests, since the tab was opened. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** A browser that runs. */
export interface RunningBrowser {
  /** A new tab, which shares neither cookies nor storage with another. */
  tab(): Promise<Tab>;
  close(): Promise<void>;
}
