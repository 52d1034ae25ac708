// Opens the editor (Altair) with the examples.
import { keepOperable } from './accessibility.js';
import { EXAMPLES } from './examples.js';

const WIDE = '(min-width: 64rem)';

/** Loads the editor into the element. Nothing that is typed or answered there outlives the page. */
export async function openEditor(host) {
  await Promise.all([addStyle('./editor/styles.css'), addStyle('./editor.css')]);
  host.append(document.createElement('app-root'));
  keepOperable(host);
  keepVariablesInSight(host);

  await import('./editor/polyfills.js');
  await import('./editor/main.js');
  const endpointURL = new URL(location.pathname, location.origin).href;
  window.AltairGraphQL.init({
    endpointURL,
    preserveState: false,
    disableAccount: true,
    initialWindows: EXAMPLES.map(({ name, query, variables }) => ({
      endpointURL,
      initialName: name,
      initialQuery: query,
      initialVariables: JSON.stringify(variables, null, 2),
    })),
    initialSettings: {
      theme: 'system',
      'alert.disableUpdateNotification': true,
      'alert.disableWarnings': true,
      'banners.disable': true,
      disablePushNotification: true,
      'schema.reloadOnStart': true,
      'introspection.options.description': true,
    },
  });

  (await appearance(host, '.window-switcher__item')).click();
  if (matchMedia(WIDE).matches) (await appearance(host, '[track-id=show_docs]')).click();
}

/** Adds the style sheet, and waits for it: the editor measures itself when it starts. */
function addStyle(path) {
  const link = Object.assign(document.createElement('link'), {
    rel: 'stylesheet',
    href: new URL(path, import.meta.url),
  });
  document.head.append(link);
  return new Promise((resolve) => link.addEventListener('load', resolve));
}

/** The first element within the host that fits the selector, as soon as there is one. */
function appearance(host, selector) {
  return new Promise((resolve) => {
    const look = () => {
      const found = host.querySelector(selector);
      if (found) resolve(found);
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** The editor folds the variables of every tab; the examples make no sense without them. */
function keepVariablesInSight(host) {
  const seen = new WeakSet();
  new MutationObserver(() => {
    const pane = host.querySelector('.variables-editor-container');
    if (!pane || seen.has(pane)) return;
    seen.add(pane);
    if (!pane.classList.contains('show-variables')) pane.querySelector('.variables-editor--title')?.click();
  }).observe(host, { childList: true, subtree: true });
}
