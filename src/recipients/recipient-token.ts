import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Seal } from '../access/seal.js';
import { Settings, TokenSecrets } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';

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

/** What a token turned out to be. An expired one is genuine: the bearer may be told so. */
export type TokenVerdict =
  | { readonly kind: 'valid'; readonly claims: RecipientClaims }
  | { readonly kind: 'expired' }
  | { readonly kind: 'invalid' };

/** A token's content, under short names because it travels in a URL. Times in seconds; `e` 0 is never. */
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

/** Makes and reads recipient tokens. Nothing about a recipient is stored: the token is all there is. */
@Injectable()
export class RecipientTokens {
  private readonly seal: Seal;

  constructor(
    private readonly settings: Settings,
    secrets: TokenSecrets,
    private readonly clock: DatabaseClock,
  ) {
    this.seal = new Seal(secrets.all, 'recipient-token');
  }

  /** A new token, different at each call; earlier ones stay valid. */
  sign(claims: RecipientClaims): string {
    const issuedAt = Math.floor(this.clock.now() / 1_000);
    const sealed: Sealed = {
      t: claims.tenant,
      r: claims.recipient,
      ...(claims.topic !== null && { o: claims.topic }),
      ...(claims.sourceIp !== null && { s: claims.sourceIp }),
      ...(claims.origin !== null && { g: claims.origin }),
      i: issuedAt,
      e: this.settings.tokenTtl === 0 ? 0 : issuedAt + Math.ceil(this.settings.tokenTtl / 1_000),
      j: randomBytes(9).toString('base64url'),
    };
    return this.seal.seal(JSON.stringify(sealed));
  }

  /** What this text is worth now. */
  verify(token: string): TokenVerdict {
    const text = this.seal.open(token);
    if (text === null) return { kind: 'invalid' };
    const sealed = JSON.parse(text) as Sealed;
    if (sealed.e !== 0 && this.clock.now() >= sealed.e * 1_000) return { kind: 'expired' };
    return {
      kind: 'valid',
      claims: {
        tenant: sealed.t,
        recipient: sealed.r,
        topic: sealed.o ?? null,
        sourceIp: sealed.s ?? null,
        origin: sealed.g ?? null,
      },
    };
  }
}
