// Shows what was done as code, to be copied.
import { ENDPOINT } from './api.js';
import { curl, html, javascript } from './code.js';
import { element, make } from './elements.js';

const LANGUAGES = { curl, javascript, html };
const HINTS = {
  curl: 'Set KEY to your access key first.',
  javascript: 'For Node.js, as a module. It reads your access key from the variable KEY: keep it on your server.',
  html: 'Its address holds a token: whoever has it can listen as this recipient.',
};
const EXPIRED = ' The expiresAt in it has passed, or will soon: put in a later one.';

const done = new Map();
let connectionUri = '';

/** From now on the pages connect to this address. */
export function remember(uri) {
  connectionUri = uri;
}

/** Shows this operation, as the last thing that was done. */
export function show(name, query, variables) {
  done.delete(name);
  done.set(name, { query, variables });
  const options = [...done.keys()].reverse().map((value) => make('option', { value }, [value]));
  element('done').replaceChildren(...options);
  document.querySelector('.code').hidden = false;
  draw();
}

function draw() {
  const language = document.querySelector('[name=language]:checked').value;
  const { query, variables } = done.get(element('done').value);
  element('code').textContent = LANGUAGES[language]({ endpoint: ENDPOINT, connectionUri, query, variables });
  const expires = language !== 'html' && variables.input?.expiresAt;
  element('code-hint').textContent = HINTS[language] + (expires ? EXPIRED : '');
  element('copied').textContent = '';
}

/** A page that did not come by TLS, and not from this machine, may not write to the clipboard: the code is then selected. */
async function copy() {
  try {
    await navigator.clipboard.writeText(element('code').textContent);
    element('copied').textContent = 'Copied.';
  } catch {
    getSelection().selectAllChildren(element('code'));
    element('copied').textContent = 'Selected: copy it with Ctrl+C or ⌘C.';
  }
}

element('done').addEventListener('change', draw);
document.querySelector('.languages').addEventListener('change', draw);
element('copy').addEventListener('click', () => void copy());
