import type { Request, Response } from 'express';

const NAME = 'homing_admin';

/** The texts that the cookie of the session has in a request: none, one, or what else is sent under its name. */
export function sessionsOf(request: Request): string[] {
  return (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${NAME}=`))
    .map((pair) => pair.slice(NAME.length + 1));
}

/**
 * Gives the browser the cookie of a session, or takes it away. No script can read it, and no other site makes a browser send it.
 * Where the browser speaks TLS, which its `Origin` tells whatever stands between, it gives it to nobody else.
 * @param maxAge in milliseconds
 * @param where the admin pages are, and at which address the service is seen
 */
export function setSession(
  request: Request,
  response: Response,
  session: string,
  maxAge: number,
  { publicUrl, path }: { readonly publicUrl: string | null; readonly path: string },
): void {
  response.cookie(NAME, session, {
    path,
    httpOnly: true,
    sameSite: 'strict',
    secure: request.secure || (request.headers.origin ?? publicUrl ?? '').startsWith('https:'),
    maxAge,
  });
}
