import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings, TokenSecrets } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import { AdminPassword } from './admin-password.js';

/** The clocks of two nodes tell the same time to so many milliseconds, with room to spare. */
const CLOCKS_APART = 10_000;
const FORM = /^(\d{1,13})\.([\w-]{22})\.([\w-]{43})$/;

/**
 * Sessions of the admin pages: nothing is stored, so that each node knows those of all. A session is its end and a random text,
 * signed (HMAC-SHA-256) with a key that is made of a token secret and the password: a new password ends every session, and a
 * token secret that is taken away those that it had signed.
 */
@Injectable()
export class Sessions {
  private readonly keys: readonly Buffer[];

  constructor(
    secrets: TokenSecrets,
    password: AdminPassword,
    private readonly settings: Settings,
    private readonly clock: DatabaseClock,
  ) {
    this.keys = secrets.all.map(({ secret }) =>
      Buffer.from(hkdfSync('sha256', secret, password.text, 'homing admin session', 32)),
    );
  }

  /** A new session. */
  begin(): string {
    const said = `${this.clock.now() + this.settings.adminSessionTtl}.${randomBytes(16).toString('base64url')}`;
    return `${said}.${sign(said, this.keys[0] as Buffer).toString('base64url')}`;
  }

  /** Whether this is a session that was begun here or on another node, and has not ended. */
  isOpen(text: string): boolean {
    const [, end = '', random = '', signature = ''] = FORM.exec(text) ?? [];
    if (signature === '') return false;
    const given = Buffer.from(signature, 'base64url');
    const genuine = this.keys.some((key) => timingSafeEqual(sign(`${end}.${random}`, key), given));
    const left = Number(end) - this.clock.now();
    // One that would last longer was begun when ADMIN_SESSION_TTL was longer.
    return genuine && left > 0 && left <= this.settings.adminSessionTtl + CLOCKS_APART;
  }
}

function sign(text: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
