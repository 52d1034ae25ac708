import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { addressGroup } from '../config/address-range.js';
import { Settings } from '../config/config.module.js';
import { MountPath } from '../config/mount-path.js';
import { clientAddress } from '../http/client-address.js';
import { RateBuckets } from '../http/rate-buckets.js';
import { requestIdOf } from '../http/request-id.js';
import { Log } from '../log/log.js';
import { LogThrottle } from '../log/log-throttle.js';
import { allowStyle } from './admin-headers.js';
import { AdminPassword } from './admin-password.js';
import { LOGIN_STYLE, loginPage } from './login-page.js';
import { setSession } from './session-cookie.js';
import { Sessions } from './sessions.js';

/** Lines about wrong passwords and about those who are refused are this far apart at least, in milliseconds. */
const MISTAKE_STEP = 1_000;
const REFUSAL_STEP = 60_000;
const STYLE_HASH = createHash('sha256').update(LOGIN_STYLE).digest('base64');

/** The way in to the admin pages and out of them. Wrong passwords are counted for each address, and slowed. */
@Injectable()
export class Login {
  private readonly log = new Log(Login.name);
  private readonly failures: RateBuckets;
  private readonly mistakes = new LogThrottle(MISTAKE_STEP);
  private readonly refusals = new LogThrottle(REFUSAL_STEP);

  constructor(
    private readonly password: AdminPassword,
    private readonly sessions: Sessions,
    private readonly settings: Settings,
    private readonly mountPath: MountPath,
  ) {
    this.failures = new RateBuckets(settings.adminLoginRate / 60, settings.adminLoginRate);
  }

  /** Answers with the form. */
  show(response: Response, status = 200, mistake = ''): void {
    allowStyle(response, STYLE_HASH);
    response.status(status).type('html').send(loginPage(mistake));
  }

  /** Takes the form. While an address is slowed, the right password is not looked at either: whoever guesses learns nothing. */
  enter(request: Request, response: Response): void {
    const address = addressGroup(clientAddress(request, this.settings));
    const of = { requestId: requestIdOf(request), address };
    const wait = this.failures.wait(address);
    if (wait > 0) {
      if (this.refusals.isDue()) this.log.write('admin.guessed', `Logins from ${address} are refused for a while`, of);
      response.set('Retry-After', String(wait));
      this.show(response, 429, `Too many wrong passwords. Try again in ${wait} s.`);
      return;
    }
    const { password } = (request.body ?? {}) as { password?: unknown };
    if (typeof password !== 'string' || !this.password.is(password)) {
      this.failures.take(address);
      if (this.mistakes.isDue())
        this.log.write('admin.wrong-password', `A login from ${address} had a wrong password`, of);
      this.show(response, 401, 'That is not the password.');
      return;
    }
    this.log.write('admin.entered', `Somebody logged in from ${address}`, of);
    setSession(request, response, this.sessions.begin(), this.settings.adminSessionTtl, this.place);
    response.redirect(303, this.place.path);
  }

  /** Takes the session from the browser. */
  leave(request: Request, response: Response): void {
    setSession(request, response, '', 0, this.place);
    response.redirect(303, `${this.place.path}/login`);
  }

  private get place(): { readonly publicUrl: string | null; readonly path: string } {
    return { publicUrl: this.settings.publicUrl, path: `${this.mountPath.text}/admin` };
  }
}
