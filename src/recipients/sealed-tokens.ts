import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Seal } from '../access/seal.js';
import { TokenSecrets } from '../config/config.module.js';
import { RecipientTokenStrategy, type TokenContent } from './recipient-token.strategy.js';

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

/** Tokens that their bearers can neither read nor change. */
@Injectable()
export class SealedTokens extends RecipientTokenStrategy {
  private readonly seal: Seal;

  constructor(secrets: TokenSecrets) {
    super();
    this.seal = new Seal(secrets.all, 'recipient-token');
  }

  make({ claims, issuedAt, expiresAt }: TokenContent): string {
    const sealed: Sealed = {
      t: claims.tenant,
      r: claims.recipient,
      ...(claims.topic !== null && { o: claims.topic }),
      ...(claims.sourceIp !== null && { s: claims.sourceIp }),
      ...(claims.origin !== null && { g: claims.origin }),
      i: issuedAt / 1_000,
      e: (expiresAt ?? 0) / 1_000,
      j: randomBytes(9).toString('base64url'),
    };
    return this.seal.seal(JSON.stringify(sealed));
  }

  read(token: string): TokenContent | null {
    const text = this.seal.open(token);
    if (text === null) return null;
    const { t, r, o, s, g, i, e } = JSON.parse(text) as Sealed;
    return {
      claims: { tenant: t, recipient: r, topic: o ?? null, sourceIp: s ?? null, origin: g ?? null },
      issuedAt: milliseconds(i),
      expiresAt: e === 0 ? null : milliseconds(e),
    };
  }
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1_000);
}
