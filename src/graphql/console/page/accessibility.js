// The editor's templates make many things clickable that can neither be focused nor are named. This mends them as they
// appear, so that the console can be used by keyboard and by ear.

const CLICKABLE = [
  '.window-switcher__input',
  '[track-id=add_query]',
  '[track-id=close_window_tab]',
  '.side-menu-item[track-id]',
  '.side-menu-item:has(.submenu-item) > .side-menu-item-icon',
  '.submenu-item',
  '.variables-editor--title',
  '.query-editor__line-widget',
  '.doc-viewer-navigation__option',
  'app-doc-viewer .no-link-link',
  'app-doc-viewer .doc-viewer-item-type',
].join(', ');

const NAMES = {
  '[track-id=close_window_tab]': 'Close tab',
  '[track-id=reload_docs]': 'Reload documentation',
  '[track-id=go_back_docs]': 'Back',
  '.side-menu-item:has(.submenu-item) > .side-menu-item-icon': 'Query tools',
  '.doc-viewer-navigation__option:has([name=home])': 'Start of the documentation',
  '.doc-viewer-navigation__option:has([name=more-horizontal])': 'More about the documentation',
  '.doc-viewer-navigation__option:has([name=x])': 'Close documentation',
  '.doc-viewer-search-wrapper input': 'Search the documentation',
  '.query-editor__input .cm-content': 'Query',
  '.variables-editor-container .cm-content': 'Variables',
  'app-query-result .cm-content': 'Answer',
};

/** Keeps everything in the host operable by keyboard, whatever the editor renders later. */
export function keepOperable(host) {
  new MutationObserver(() => mend(host)).observe(host, { childList: true, subtree: true });
  host.addEventListener('keydown', (event) => {
    if ((event.key !== 'Enter' && event.key !== ' ') || !event.target.matches(CLICKABLE)) return;
    event.preventDefault();
    event.target.click();
  });
}

function mend(host) {
  for (const element of host.querySelectorAll(CLICKABLE)) {
    if (element.tabIndex < 0) element.tabIndex = 0;
    if (element.role === null) element.role = 'button';
  }
  for (const [selector, name] of Object.entries(NAMES)) {
    for (const element of host.querySelectorAll(selector)) element.ariaLabel ??= name;
  }
}
