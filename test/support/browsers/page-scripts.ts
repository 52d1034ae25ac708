import assert from 'node:assert/strict';
import { eventually } from '../eventually.js';
import type { Role, Tab } from './tab.js';

// What is asked of a page by script, as text: it is compiled in the browser.

/** What fields are by selector. */
export const FIELDS = 'input, textarea, select';

/** What has a role by selector: the protocol can ask for roles itself, and takes seconds for it on a page of thousands of elements. */
export const BY_ROLE: Readonly<Record<Role, string>> = {
  button: 'button, [role=button]',
  link: 'a[href]',
  checkbox: 'input[type=checkbox]',
  radio: 'input[type=radio]',
  tab: '[role=tab]',
  heading: 'h1, h2, h3, h4, h5, h6',
};

/** A function that gives the elements in sight that the selector finds and that have this name: a label of their own, that of a field, their text. */
export const named = (selector: string, name: string) => `() => {
  const nameOf = (element) =>
    element.getAttribute('aria-label') ?? ([...(element.labels ?? [])].map((label) => label.textContent).join(' ') || element.textContent);
  return [...document.querySelectorAll(${JSON.stringify(selector)})].filter(
    (element) => element.checkVisibility() && nameOf(element).trim().replace(/\\s+/g, ' ') === ${JSON.stringify(name)});
}`;

/** Selects what stands in the field that has the focus. */
export const SELECT = `() => document.activeElement.select?.()`;

/** Scrolls an element to where it is seen, and gives its middle as JSON, or null as long as a click there would not reach it. */
export const PRESENCE = `(element) => {
  if (!element.checkVisibility({ visibilityProperty: true }) || element.disabled) return 'null';
  element.scrollIntoView({ block: 'center', behavior: 'instant' });
  const { left, top, width, height } = element.getBoundingClientRect();
  const [x, y] = [Math.round(left + width / 2), Math.round(top + height / 2)];
  const hit = document.elementFromPoint(x, y);
  return hit !== null && (element.contains(hit) || hit.contains(element)) ? JSON.stringify({ x, y }) : 'null';
}`;

/** The text in sight within the first element that the selector finds; none when there is no such element. */
export const TEXT = (selector: string) => `document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`;

/** Waits until the text is in sight. */
export async function sees(tab: Tab, text: string, selector?: string): Promise<void> {
  await eventually(async () => {
    const shown = await tab.text(selector);
    assert.ok(shown.includes(text), `The page does not show "${text}" but: ${shown}`);
  });
}
