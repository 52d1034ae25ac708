import assert from 'node:assert/strict';
import { eventually } from '../eventually.js';
import type { Tab } from './tab.js';

// What is asked of a page by script, as text: it is compiled in the browser.

/** The field in sight with this label; null when there is none, or more than one. */
export const fieldOf = (label: string) => `(() => {
  const named = (field) => field.getAttribute('aria-label') ?? [...(field.labels ?? [])].map((one) => one.textContent).join(' ');
  const fields = [...document.querySelectorAll('input, textarea, select')].filter(
    (field) => field.checkVisibility() && named(field).trim().replace(/\\s+/g, ' ') === ${JSON.stringify(label)});
  return fields.length === 1 ? fields[0] : null;
})()`;

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
