/**
 * The `Content-Security-Policy` of an application of others that is served here. Nothing is loaded from or sent to anywhere but this
 * service, no script is written in the page, and text never becomes code. `form-action 'none'` keeps a key from travelling in a URL should
 * the page's script not run. Styles may be inline because such applications make elements of style without a nonce.
 */
export const APP_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
