import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { parseAddressRange } from '../config/address-range.js';
import { Settings } from '../config/config.module.js';
import type { Snapshot } from '../delivery/snapshot.js';
import { normalizeOrigin } from '../recipients/origin.js';
import { type RecipientClaims, RecipientTokens } from '../recipients/recipient-token.js';
import { clientAddress } from './client-address.js';
import { Hub } from './hub.js';
import { OpeningSnapshots } from './opening-snapshots.js';

/** An upgrade that is let in: whose it is, since when its token counts, and what could be seen in the database before it opened. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly claims: RecipientClaims;
  readonly issuedAt: number;
  readonly opened: Snapshot | null;
}

/**
 * Whether an upgrade is let in. One with an expired or revoked token is, only to be told so by a close code: browsers see
 * no HTTP status.
 */
export type Admission =
  | Admitted
  | { readonly kind: 'expired' | 'revoked' }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 429 | 503; readonly reason: string };

const STOPPING = 'The service is stopping; connect again.';
const FULL = 'The node has too many connections.';

/** Decides which WebSocket upgrades are let in. */
@Injectable()
export class Door {
  private draining = false;

  constructor(
    private readonly settings: Settings,
    private readonly tokens: RecipientTokens,
    private readonly hub: Hub,
    private readonly openings: OpeningSnapshots,
  ) {}

  /** Refuses everybody from now on: the node is stopping. */
  shut(): void {
    this.draining = true;
  }

  get isShut(): boolean {
    return this.draining;
  }

  /** Looks at the request of an upgrade: `GET /?token=...`. */
  async admit(request: IncomingMessage): Promise<Admission> {
    const admission = this.judge(request);
    if (admission.kind !== 'admitted') return admission;
    const opened = await this.openings.take();
    // In the meantime others may have come in, or the node may be stopping.
    const refusal = this.refusal(admission.claims);
    return refusal ?? { ...admission, opened };
  }

  private judge(request: IncomingMessage): Admission {
    if (this.draining) return refused(503, STOPPING);
    const token = new URLSearchParams(request.url?.split('?', 2)[1] ?? '').get('token');
    if (!token) return refused(401, 'A token is needed: /?token=...');
    const verdict = this.tokens.verify(token);
    if (verdict.kind === 'invalid') return refused(401, 'The token is not valid.');
    if (this.hub.size >= this.settings.maxConnections) return refused(429, FULL);
    if (verdict.kind !== 'valid') return verdict;
    const { claims, issuedAt } = verdict;
    if (claims.sourceIp !== null && !this.comesFrom(request, claims.sourceIp)) {
      return refused(403, 'The token may not be used from this address.');
    }
    if (claims.origin !== null && normalizeOrigin(request.headers.origin ?? '') !== claims.origin) {
      return refused(403, 'The token may not be used from this origin.');
    }
    return this.refusal(claims) ?? { kind: 'admitted', claims, issuedAt, opened: null };
  }

  private refusal({ tenant, recipient }: RecipientClaims): Admission | null {
    if (this.draining) return refused(503, STOPPING);
    if (this.hub.size >= this.settings.maxConnections) return refused(429, FULL);
    if (this.hub.of(tenant, recipient).size < this.settings.maxConnectionsPerRecipient) return null;
    return refused(429, 'The recipient has too many connections.');
  }

  private comesFrom(request: IncomingMessage, sourceIp: string): boolean {
    return parseAddressRange(sourceIp).contains(clientAddress(request, this.settings.trustedProxies));
  }
}

function refused(status: 401 | 403 | 429 | 503, reason: string): Admission {
  return { kind: 'refused', status, reason };
}
