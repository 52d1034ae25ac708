// The entrance: asks for the access key, has the service judge it, and only then loads the editor.
import { isUsable, forgetKey, keepKey, keptKey, sendWithKey } from './access-key.js';

const REFUSED = 'That key is unknown, expired or revoked.';
const NOT_NOW = "The service can't tell at the moment. Try again in a minute.";
const UNREACHABLE = 'The service did not answer. Try again in a moment.';

const element = (id) => document.getElementById(id);

/** Opens the console with the key, or says by the form why not. */
async function enter(key) {
  const mistake = await judge(key);
  if (mistake === REFUSED) forgetKey();
  if (mistake) return showEntrance(mistake);
  keepKey(key);
  sendWithKey(key);
  element('entrance').hidden = true;
  element('console').hidden = false;
  const { openEditor } = await import('./editor.js');
  await openEditor(element('editor'));
}

/** The sentence that says what is wrong with the key; nothing for a valid one. A key may lack the scope of `version`. */
async function judge(key) {
  if (!isUsable(key)) return REFUSED;
  try {
    const response = await fetch(location.pathname, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': key },
      body: JSON.stringify({ query: '{ version }' }),
    });
    if (response.status === 401) return REFUSED;
    return response.ok ? '' : NOT_NOW;
  } catch {
    return UNREACHABLE;
  }
}

function showEntrance(mistake) {
  element('entrance').hidden = false;
  element('key-error').textContent = mistake;
  element('key').setAttribute('aria-invalid', String(mistake !== ''));
  element('key').focus();
}

async function submit(button) {
  button.disabled = true;
  await enter(element('key').value.trim());
  button.disabled = false;
}

element('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void submit(event.submitter ?? element('key-form').querySelector('button'));
});

// A fresh page is the surest way to leave nothing of the key, of the schema or of answers in memory.
element('forget').addEventListener('click', () => {
  forgetKey();
  location.replace(location.pathname);
});

const key = keptKey();
if (key === null) showEntrance('');
else await enter(key);
