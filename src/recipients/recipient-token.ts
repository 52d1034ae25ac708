import { Injectable } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import { Log } from '../log/log.js';
import { LogThrottle } from '../log/log-throttle.js';
import { type RecipientClaims, RecipientTokenStrategy, type TokenContent } from './recipient-token.strategy.js';
import { type RecipientName, RevokedRecipients } from './revoked-recipients.js';

/** Anybody may come with a text that is no token: it is told of once in so many milliseconds. */
const WARNING_STEP = 10_000;

/** What a token turned out to be. An expired or revoked one is genuine: the bearer may be told so. */
export type TokenVerdict =
  | { readonly kind: 'valid'; readonly claims: RecipientClaims; readonly issuedAt: number }
  | { readonly kind: 'expired' | 'revoked' }
  | { readonly kind: 'invalid' };

/** Gives out recipient tokens and judges them. Nothing about a recipient is stored but that its tokens were revoked. */
@Injectable()
export class RecipientTokens {
  private readonly log = new Log(RecipientTokens.name);
  private readonly warnings = new LogThrottle(WARNING_STEP);

  constructor(
    private readonly settings: Settings,
    private readonly strategy: RecipientTokenStrategy,
    private readonly clock: DatabaseClock,
    private readonly revoked: RevokedRecipients,
  ) {}

  /** A new token, different at each call; earlier ones stay valid. */
  sign(claims: RecipientClaims): string {
    // A clock that is ahead would date a token later than a revocation that comes right after it. Where one is known, this
    // token is later.
    const issuedAt = Math.max(this.clock.reached(), this.revoked.revokedUntil(claims) + 1);
    const { tokenTtl } = this.settings;
    return this.strategy.make({ claims, issuedAt, expiresAt: tokenTtl === 0 ? null : issuedAt + tokenTtl });
  }

  /** What this text is worth now. */
  verify(token: string): TokenVerdict {
    const content = this.read(token);
    if (content === null) return { kind: 'invalid' };
    const { claims, issuedAt, expiresAt } = content;
    if (this.hasExpired(issuedAt, expiresAt)) return { kind: 'expired' };
    return this.isRevoked(claims, issuedAt) ? { kind: 'revoked' } : { kind: 'valid', claims, issuedAt };
  }

  private read(token: string): TokenContent | null {
    try {
      return this.strategy.read(token);
    } catch (error) {
      if (this.warnings.isDue())
        this.log.write('token.unreadable', 'The strategy for tokens failed at one, which counts as none', { error });
      return null;
    }
  }

  /** Whether a recipient's token that was issued then has been revoked, as far as this node knows. */
  isRevoked(name: RecipientName, issuedAt: number): boolean {
    return issuedAt <= this.revoked.revokedUntil(name);
  }

  /** A token ends when it was told to, and sooner when `TOKEN_TTL` has become shorter: revocations are kept no longer. */
  private hasExpired(issuedAt: number, expiresAt: number | null): boolean {
    const { tokenTtl } = this.settings;
    const now = this.clock.now();
    return (expiresAt !== null && now >= expiresAt) || (tokenTtl !== 0 && now >= issuedAt + tokenTtl);
  }
}
