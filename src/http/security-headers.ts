import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { SettingValues } from '../config/settings.js';

/**
 * The security headers of every answer; to a `POST`, whose answer is JSON and never a page, the one that forbids to take it for
 * anything else. Nothing that is answered is a page but the console, which brings a policy of its
 * own. HSTS holds for a host whatever the port, so that it is said only where `PUBLIC_URL` promises TLS.
 */
export function securityHeaders({ publicUrl }: Pick<SettingValues, 'publicUrl'>): RequestHandler {
  const all = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: publicUrl?.startsWith('https://') ? { includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
  return (request, response, next) => {
    if (request.method !== 'POST') return all(request, response, next);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    next();
  };
}
