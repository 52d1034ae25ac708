// The access key in the browser. It lives in this tab's session, and no other code of the page ever holds it: the editor
// would write a header that it knows into its tabs, its history and its exports.

const PLACE = 'homing.access-key';

/** The key that was entered in this tab, or null. */
export const keptKey = () => sessionStorage.getItem(PLACE);

export const keepKey = (key) => sessionStorage.setItem(PLACE, key);

export const forgetKey = () => sessionStorage.removeItem(PLACE);

/** Whether the text can be a header's value at all. */
export const isUsable = (key) => /^[\x21-\x7e]+$/.test(key);

/** From now on every request that the page sends to the API bears the key, and no other request does. */
export function sendWithKey(key) {
  const send = window.fetch.bind(window);
  const api = new URL(location.pathname, location.origin);
  window.fetch = (input, init) => {
    const request = new Request(input, init);
    const { origin, pathname } = new URL(request.url);
    if (origin === api.origin && pathname === api.pathname) request.headers.set('x-api-key', key);
    return send(request);
  };
}
