import { describe, expect, it } from 'vitest';
import { AdminPassword } from '../../src/admin/admin-password.js';
import { Sessions } from '../../src/admin/sessions.js';
import { TokenSecrets } from '../../src/config/config.module.js';
import { readSettings } from '../../src/config/settings.js';
import type { DatabaseClock } from '../../src/database/database-clock.js';

const OLD = { id: 'a', secret: 'the old secret of 32 characters or more' };
const NEW = { id: 'b', secret: 'the new secret of 32 characters or more' };
const HOUR = 3_600_000;

describe('the session of an admin', () => {
  let now = 1_800_000_000_000;
  const clock = { now: () => now } as DatabaseClock;
  const sessions = (secrets = [OLD], password = 'a password of ours', ttl = '12h') =>
    new Sessions(
      new TokenSecrets(secrets),
      new AdminPassword(password),
      readSettings({ ADMIN_SESSION_TTL: ttl }),
      clock,
    );

  it('holds on every node with the same secrets and password, also while secrets are rotated', () => {
    const session = sessions().begin();
    expect(sessions().isOpen(session)).toBe(true);
    expect(sessions([NEW, OLD]).isOpen(session)).toBe(true);
    expect(sessions([NEW]).isOpen(session)).toBe(false);
  });

  it('ends with another password', () => {
    expect(sessions([OLD], 'another password').isOpen(sessions().begin())).toBe(false);
  });

  it('ends after ADMIN_SESSION_TTL, also one that was made shorter since', () => {
    const session = sessions().begin();
    expect(sessions([OLD], 'a password of ours', '1h').isOpen(session)).toBe(false);
    now += 12 * HOUR - 1;
    expect(sessions().isOpen(session)).toBe(true);
    now += 1;
    expect(sessions().isOpen(session)).toBe(false);
  });

  it('is not one of which any character was changed, and no text that was made up is one', () => {
    const session = sessions().begin();
    for (let i = 0; i < session.length; i += 1) {
      // The last character of the signature has bits to spare, which decode to the same bytes.
      if (i === session.length - 1) continue;
      const other = session[i] === '1' ? '2' : '1';
      expect(sessions().isOpen(session.slice(0, i) + other + session.slice(i + 1)), String(i)).toBe(false);
    }
    for (const text of ['', '.', '..', `${now + HOUR}..`, 'x'.repeat(100_000), `${session}.`, ` ${session}`])
      expect(sessions().isOpen(text)).toBe(false);
  });
});
