import type { Response } from 'express';
import { APP_POLICY } from '../../http/app-policy.js';

/** The console's own headers, beside the security headers of every answer; on files too, since a worker takes its policy from its own file. */
export function setConsoleHeaders(response: Response): void {
  response.set({
    'Content-Security-Policy': APP_POLICY,
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  });
}
