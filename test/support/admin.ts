import type { Service } from './service.js';

export const PASSWORD = 'a password for tests';

/** Logs in to the admin pages of a service, and gives the cookie of the session. */
export async function logIn(url: string, password = PASSWORD, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/admin/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ password }).toString(),
  });
}

/** Whoever has logged in to the admin pages. */
export class Admin {
  private constructor(
    private readonly url: string,
    readonly cookie: string,
  ) {}

  static async of({ url }: Service): Promise<Admin> {
    const answer = await logIn(url);
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    if (answer.status !== 303 || cookie === '') throw new Error(`The login was answered ${answer.status}`);
    return new Admin(url, cookie);
  }

  /** Sends a request as the pages do. */
  async fetch(
    path: string,
    { headers, ...init }: RequestInit & { headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return fetch(`${this.url}/admin${path}`, {
      redirect: 'manual',
      ...init,
      headers: { cookie: this.cookie, origin: this.url, ...headers },
    });
  }
}
