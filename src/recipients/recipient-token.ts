import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Seal } from '../access/seal.js';
import { Settings, TokenSecrets } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import { type RecipientName, RevokedRecipients } from './revoked-recipients.js';

/** What a token lets its bearer do: connect as this recipient, from this address and page if they are given. */
export interface RecipientClaims {
  readonly tenant: string;
  readonly recipient: string;
  readonly topic: string | null;
  /** An IP address or a range of them in CIDR form. */
  readonly sourceIp: string | null;
  /** An origin as browsers send it (RFC 6454 §6.2). */
  readonly origin: string | null;
}

/** What a token turned out to be. An expired or revoked one is genuine: the bearer may be told so. */
export type TokenVerdict =
  | { readonly kind: 'valid'; readonly claims: RecipientClaims; readonly issuedAt: number }
  | { readonly kind: 'expired' | 'revoked' }
  | { readonly kind: 'invalid' };

/** A token's content, under short names because it travels in a URL. Times in seconds, to the millisecond; `e` 0 is never. */
interface Sealed {
  readonly t: string;
  readonly r: string;
  readonly o?: string;
  readonly s?: string;
  readonly g?: string;
  readonly i: number;
  readonly e: number;
  readonly j: string;
}

/** Makes and reads recipient tokens. Nothing about a recipient is stored but that its tokens were revoked. */
@Injectable()
export class RecipientTokens {
  private readonly seal: Seal;

  constructor(
    private readonly settings: Settings,
    secrets: TokenSecrets,
    private readonly clock: DatabaseClock,
    private readonly revoked: RevokedRecipients,
  ) {
    this.seal = new Seal(secrets.all, 'recipient-token');
  }

  /** A new token, different at each call; earlier ones stay valid. */
  sign(claims: RecipientClaims): string {
    // A clock that is ahead would date a token later than a revocation that comes right after it. Where one is known, this
    // token is later.
    const issuedAt = Math.max(this.clock.reached(), this.revoked.revokedUntil(claims) + 1);
    const sealed: Sealed = {
      t: claims.tenant,
      r: claims.recipient,
      ...(claims.topic !== null && { o: claims.topic }),
      ...(claims.sourceIp !== null && { s: claims.sourceIp }),
      ...(claims.origin !== null && { g: claims.origin }),
      i: issuedAt / 1_000,
      e: this.settings.tokenTtl === 0 ? 0 : (issuedAt + this.settings.tokenTtl) / 1_000,
      j: randomBytes(9).toString('base64url'),
    };
    return this.seal.seal(JSON.stringify(sealed));
  }

  /** What this text is worth now. */
  verify(token: string): TokenVerdict {
    const text = this.seal.open(token);
    if (text === null) return { kind: 'invalid' };
    const sealed = JSON.parse(text) as Sealed;
    const issuedAt = milliseconds(sealed.i);
    if (this.hasExpired(issuedAt, milliseconds(sealed.e))) return { kind: 'expired' };
    const claims = {
      tenant: sealed.t,
      recipient: sealed.r,
      topic: sealed.o ?? null,
      sourceIp: sealed.s ?? null,
      origin: sealed.g ?? null,
    };
    return this.isRevoked(claims, issuedAt) ? { kind: 'revoked' } : { kind: 'valid', claims, issuedAt };
  }

  /** Whether a recipient's token that was issued then has been revoked, as far as this node knows. */
  isRevoked(name: RecipientName, issuedAt: number): boolean {
    return issuedAt <= this.revoked.revokedUntil(name);
  }

  /** A token ends when it was told to, and sooner when `TOKEN_TTL` has become shorter: revocations are kept no longer. */
  private hasExpired(issuedAt: number, end: number): boolean {
    const { tokenTtl } = this.settings;
    const now = this.clock.now();
    return (end !== 0 && now >= end) || (tokenTtl !== 0 && now >= issuedAt + tokenTtl);
  }
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1_000);
}
