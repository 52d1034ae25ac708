import type { Response } from 'express';

/**
 * Nothing is loaded from or sent to anywhere but this service, no script is written in the page, and text never becomes
 * code. `form-action 'none'` keeps a key from travelling in a URL should the page's script not run. Styles may be inline
 * because the editor makes four of its style elements without a nonce.
 */
const CONTENT_SECURITY_POLICY = [
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

/** The console's own headers, beside the security headers of every answer; on files too, since a worker takes its policy from its own file. */
export function setConsoleHeaders(response: Response): void {
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  });
}
