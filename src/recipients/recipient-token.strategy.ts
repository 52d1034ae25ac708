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

/** What stands in a token. */
export interface TokenContent {
  readonly claims: RecipientClaims;
  /** When it was made, in milliseconds since the epoch: a revocation stops all that were made until then. */
  readonly issuedAt: number;
  /** When it ends, in milliseconds since the epoch; null for never. */
  readonly expiresAt: number | null;
}

/**
 * How the token is made with which a browser connects: an injection token and what stands behind it. By default it is sealed with
 * `TOKEN_SECRETS`, by `SealedTokens`. When tokens end, and which of them were revoked, is no matter of the strategy.
 */
export abstract class RecipientTokenStrategy {
  /** A new token, different at each call. It travels in a URL. */
  abstract make(content: TokenContent): string;

  /** What stands in a token that `make` gave out, to the millisecond, on whichever node; null for any other text, as when it throws. */
  abstract read(token: string): TokenContent | null;
}
