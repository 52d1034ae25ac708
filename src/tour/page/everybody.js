// Several recipients in one page, and a message to all.
import { PUSH_GLOBALLY, REGISTER } from './api.js';
import { show } from './code-panel.js';
import { Connection } from './connection.js';
import { announce, element, make } from './elements.js';
import { followGlobal } from './follow.js';
import { span } from './track.js';

const NAMES = ['bea', 'cem', 'dan'];

export class Everybody {
  #api;
  #step;
  /** The cards of the recipients and their connections, by name. */
  #cards = new Map();
  #connections = new Map();
  /** The message that was pushed last: of those before nothing is told any more. */
  #last = null;

  constructor(api, step) {
    this.#api = api;
    this.#step = step;
    step.on('crowd-connect', () => this.#connect());
    step.on('crowd-push', () => this.#push());
  }

  /** Who else listens in this page; null when nobody does. */
  listener = () => null;

  /** One after the other, so that they always stand in this order. Pressed again it connects those that are not. */
  async #connect() {
    const open = () => [...this.#connections.values()].filter(({ isOpen }) => isOpen).length;
    for (const name of NAMES) await this.#join(name);
    element('crowd-push').hidden = false;
    announce(`${open()} of ${NAMES.length} more recipients are connected.`);
  }

  async #join(name) {
    const before = this.#connections.get(name);
    if (before?.isOpen) return;
    // Anew each time: the token of before may be what kept it away.
    const { registerRecipient } = await this.#api.ask(REGISTER, { input: { recipient: name } });
    await before?.close();
    const { root, state, last } = this.#card(name);
    const tell = (now, sentence) => {
      root.dataset.state = now;
      state.textContent = sentence;
    };
    const receive = ({ text }) => (last.textContent = text);
    const connection = new Connection(registerRecipient.connectionUri, tell, receive);
    this.#connections.set(name, connection);
    await connection.open();
  }

  #card(name) {
    const known = this.#cards.get(name);
    if (known) return known;
    const [state, last] = [make('span', { className: 'state' }), make('span', { className: 'last' })];
    const card = { root: make('li', {}, [make('b', {}, [name]), state, last]), state, last };
    element('everybody-step').querySelector('.crowd').append(card.root);
    this.#cards.set(name, card);
    return card;
  }

  async #push() {
    const input = { message: 'Hello, everybody' };
    const { pushGlobalMessage: pushed } = await this.#api.ask(PUSH_GLOBALLY, { input });
    show('Pushed to everybody', PUSH_GLOBALLY, { input });
    const here = [...this.#connections].filter(([, { isOpen }]) => isOpen).map(([name]) => name);
    const listener = this.listener();
    this.#last = pushed;
    this.#reach(pushed, []);
    void this.#watch(pushed, listener === null ? here : [...here, listener]);
  }

  /** Tells who has proven it, until all of these have. Who listens twice proves once. */
  #watch(pushed, names) {
    const tell = (items) => {
      if (pushed !== this.#last) return true;
      this.#reach(pushed, items);
      const isSettled = names.every((name) => items.some(({ recipient }) => recipient === name));
      if (isSettled) {
        announce(element('reach').textContent);
        this.#step.finish();
      }
      return isSettled;
    };
    return followGlobal(this.#api, pushed.id, tell, (sentence) => this.#step.complain(sentence));
  }

  #reach({ createdAt }, items) {
    const last = Math.max(...items.map(({ deliveredAt }) => new Date(deliveredAt) - new Date(createdAt)));
    const names = items.map(({ recipient }) => recipient).sort();
    element('reach').hidden = false;
    element('reach').textContent =
      items.length === 0
        ? 'Stored. Nobody has proven it yet.'
        : `Proven by ${items.length}: ${names.join(', ')}. The last of them ${span(last)} after the push.`;
  }
}
