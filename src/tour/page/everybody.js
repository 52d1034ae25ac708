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
  #members = [];

  constructor(api, step) {
    this.#api = api;
    this.#step = step;
    step.on('crowd-connect', () => this.#connect());
    step.on('crowd-push', () => this.#push());
  }

  /** How many more connections there are in this page. */
  hasListener = () => false;

  async #connect() {
    if (this.#members.length === 0) this.#members = await Promise.all(NAMES.map((name) => this.#member(name)));
    await Promise.all(this.#members.map(({ connection }) => connection.open()));
    element('crowd-push').hidden = false;
    announce('Three more recipients are connected.');
  }

  async #member(name) {
    const { registerRecipient } = await this.#api.ask(REGISTER, { input: { recipient: name } });
    const [state, last] = [make('span', { className: 'state' }), make('span', { className: 'last' })];
    const card = make('li', {}, [make('b', {}, [name]), state, last]);
    element('everybody-step').querySelector('.crowd').append(card);
    const tell = (now, sentence) => {
      card.dataset.state = now;
      state.textContent = sentence;
    };
    const receive = ({ text }) => (last.textContent = text);
    return { connection: new Connection(registerRecipient.connectionUri, tell, receive) };
  }

  async #push() {
    const input = { message: 'Hello, everybody' };
    const { pushGlobalMessage: pushed } = await this.#api.ask(PUSH_GLOBALLY, { input });
    show('Pushed to everybody', PUSH_GLOBALLY, { input });
    const here = this.#members.filter(({ connection }) => connection.isOpen).length + (this.hasListener() ? 1 : 0);
    const tell = (items) => this.#reach(pushed, items);
    tell([]);
    await followGlobal(this.#api, pushed.id, here, tell, (sentence) => this.#step.complain(sentence));
    announce(element('reach').textContent);
    this.#step.finish();
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
