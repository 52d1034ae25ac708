// What the browser of the recipient shows: this page is it.
import { announce, element, make, timeOf } from './elements.js';

/** The most messages that are shown. */
const MOST = 4;

export class Stage {
  #root = document.querySelector('.stage');
  #received = this.#root.querySelector('.received');

  show(recipient) {
    element('listener').textContent = recipient;
    this.#root.hidden = false;
    this.#received.replaceChildren();
  }

  tell(state, sentence) {
    element('state').dataset.state = state;
    element('state').textContent = sentence;
    announce(sentence);
  }

  receive(text) {
    this.#received.prepend(make('li', {}, [make('q', {}, [text]), timeOf(new Date().toISOString())]));
    for (const old of [...this.#received.children].slice(MOST)) old.remove();
  }
}
