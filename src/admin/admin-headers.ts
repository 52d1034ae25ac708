import type { Response } from 'express';
import { APP_POLICY } from '../http/app-policy.js';

/** Nothing is loaded from or sent to anywhere but this service, and no script is written in the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
];

/** The headers of the admin pages, beside the security headers of every answer. */
export function setAdminHeaders(response: Response): void {
  response.set({
    'Content-Security-Policy': POLICY.join('; '),
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    // A form that is sent from here names this origin. Other sites are told nothing.
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    // As the answer to a GET: the form comes back in answer to a POST, too.
    'Cross-Origin-Opener-Policy': 'same-origin',
    'X-Frame-Options': 'DENY',
  });
}

/** Those of the board, which names fonts of another host too: they are not loaded. */
export function setBoardHeaders(response: Response): void {
  response.set('Content-Security-Policy', APP_POLICY);
}

/** Those of a page that has its one style written in it. `hash` is its SHA-256 in base64. */
export function allowStyle(response: Response, hash: string): void {
  response.set('Content-Security-Policy', POLICY.join('; ').replace("style-src 'self'", `style-src 'sha256-${hash}'`));
}
