// Elements of the page.

export const element = (id) => document.getElementById(id);

/** A new element. Texts stay texts, whatever is in them. */
export function make(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** The time of day to the millisecond, in the time zone of whoever reads it. */
export function timeOf(text) {
  const time = new Date(text);
  const milliseconds = String(time.getMilliseconds()).padStart(3, '0');
  return make('time', { dateTime: text }, [`${CLOCK.format(time)}.${milliseconds}`]);
}

/** Says it to those who don't see the page. */
export function announce(sentence) {
  element('news').textContent = sentence;
}
