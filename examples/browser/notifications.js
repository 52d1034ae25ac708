import { stayConnected } from './stay-connected.js';

/** The most notifications that are kept. A message that comes again is known by its id, as long as that one is kept. */
const KEPT = 200;
/** In an application the name of the user belongs in here, and signing out removes it: what is kept is private. */
const STORE = 'notifications';
const STATES = {
  connecting: 'Connecting…',
  open: 'Connected.',
  waiting: 'Not connected. Trying again soon…',
  refused: 'You are not allowed to receive notifications. Sign in again.',
  failed: 'Notifications do not work on this page.',
};

const element = (id) => document.getElementById(id);

stayConnected({
  getConnectionUri: async () => {
    const response = await fetch('connect', { method: 'POST' });
    if (response.status === 401 || response.status === 403) return null;
    if (!response.ok) throw new Error(`The server answered ${response.status}`);
    return (await response.json()).connectionUri;
  },
  onMessage: ({ id, time, data }) => {
    // Read anew each time: other tabs write it, too.
    const kept = read();
    if (kept.some((notification) => notification.id === id)) return;
    write([{ id, time, text: data, isRead: false }, ...kept].slice(0, KEPT));
  },
  onState: (state) => {
    element('connection').textContent = STATES[state];
  },
});

element('bell').addEventListener('click', () => {
  const panel = element('panel');
  panel.hidden = !panel.hidden;
  element('bell').setAttribute('aria-expanded', String(!panel.hidden));
});
element('read-all').addEventListener('click', () => markRead(() => true));
element('notify').addEventListener('click', async () => {
  element('not-sent').textContent = '';
  const response = await fetch('notify', { method: 'POST' }).catch(() => null);
  if (!response?.ok) element('not-sent').textContent = 'That did not work. Try again in a moment.';
});
// What another tab has got, or marked as read.
addEventListener('storage', ({ key }) => key === STORE && show());
show();

/** @returns {{ id: string, time: string, text: string, isRead: boolean }[]} the newest first */
function read() {
  return JSON.parse(localStorage.getItem(STORE) ?? '[]');
}

function write(notifications) {
  localStorage.setItem(STORE, JSON.stringify(notifications));
  show();
}

function markRead(isMeant) {
  write(read().map((notification) => (isMeant(notification) ? { ...notification, isRead: true } : notification)));
}

function show() {
  const notifications = read();
  const unread = notifications.filter(({ isRead }) => !isRead).length;
  element('count').textContent = String(unread);
  element('count').hidden = unread === 0;
  element('bell').setAttribute('aria-label', `Notifications, ${unread || 'none'} new`);
  const news = `You have ${unread || 'no'} new notification${unread === 1 ? '' : 's'}`;
  // A screen reader reads out what changes here, and nothing when the same is written once more.
  if (element('news').textContent !== news) element('news').textContent = news;
  // Who is at a button by keyboard stays there, or goes to the next one of the list, or to the bell when there is none.
  const focused = document.activeElement?.id;
  const buttons = () => [...element('list').querySelectorAll('button')];
  const place = buttons().findIndex(({ id }) => id === focused);
  element('list').replaceChildren(...notifications.map(item));
  element('empty').hidden = notifications.length > 0;
  element('read-all').hidden = unread === 0;
  if (focused && (element(focused)?.hidden ?? true))
    (buttons().at(place < 0 ? Infinity : place) ?? element('bell')).focus();
  else if (focused) element(focused).focus();
}

function item(notification) {
  const copy = document.importNode(document.querySelector('template').content, true);
  const [row, text, time, button] = ['li', '.text', 'time', 'button'].map((name) => copy.querySelector(name));
  row.classList.toggle('unread', !notification.isRead);
  // As text, never as HTML: a message is what somebody wrote.
  text.textContent = notification.text;
  time.setAttribute('datetime', notification.time);
  time.textContent = new Date(notification.time).toLocaleString();
  if (notification.isRead) button.remove();
  else {
    button.id = notification.id;
    button.setAttribute('aria-label', `Mark as read: ${notification.text}`);
    button.addEventListener('click', () => markRead(({ id }) => id === notification.id));
  }
  return copy;
}
