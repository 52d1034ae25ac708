// The steps of the tour. One opens when there is something to do in it.
import { element } from './elements.js';

export class Step {
  #mistake;

  constructor(id) {
    this.section = element(id);
    this.#mistake = this.section.querySelector('[role=alert]');
  }

  get tracks() {
    return this.section.querySelector('.tracks');
  }

  reveal() {
    this.section.classList.remove('ahead');
  }

  finish() {
    this.section.classList.add('finished');
  }

  /** What is wrong, as it was said. */
  get failed() {
    return this.#mistake.textContent;
  }

  /** Says what is wrong; with an empty text that nothing is. */
  complain(sentence) {
    if (this.#mistake.textContent !== sentence) this.#mistake.textContent = sentence;
  }

  /** Does this whenever the form is sent, or the button is pressed; says by the step why it could not be done. */
  on(id, action) {
    const control = element(id);
    let isBusy = false;
    control.addEventListener(control instanceof HTMLFormElement ? 'submit' : 'click', async (event) => {
      event.preventDefault();
      if (isBusy) return;
      isBusy = true;
      // Not disabled: whoever has pressed it by keyboard stays where he is.
      control.ariaBusy = 'true';
      this.complain('');
      try {
        await action();
      } catch (error) {
        this.complain(error.message);
      }
      control.ariaBusy = null;
      isBusy = false;
    });
  }
}
