import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { parseAddressRange } from '../config/address-range.js';
import { Settings } from '../config/config.module.js';
import { normalizeOrigin } from '../recipients/origin.js';
import { type RecipientClaims, RecipientTokens } from '../recipients/recipient-token.js';
import { clientAddress } from './client-address.js';
import { Hub } from './hub.js';

/** Whether an upgrade is let in. One with an expired token is, only to be told so by a close code: browsers see no HTTP status. */
export type Admission =
  | { readonly kind: 'admitted'; readonly claims: RecipientClaims }
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 429 | 503; readonly reason: string };

/** Decides which WebSocket upgrades are let in. */
@Injectable()
export class Door {
  private draining = false;

  constructor(
    private readonly settings: Settings,
    private readonly tokens: RecipientTokens,
    private readonly hub: Hub,
  ) {}

  /** Refuses everybody from now on: the node is stopping. */
  shut(): void {
    this.draining = true;
  }

  get isShut(): boolean {
    return this.draining;
  }

  /** Looks at the request of an upgrade: `GET /?token=...`. */
  admit(request: IncomingMessage): Admission {
    if (this.draining) return refused(503, 'The service is stopping; connect again.');
    const token = new URLSearchParams(request.url?.split('?', 2)[1] ?? '').get('token');
    if (!token) return refused(401, 'A token is needed: /?token=...');
    const verdict = this.tokens.verify(token);
    if (verdict.kind === 'invalid') return refused(401, 'The token is not valid.');
    if (this.hub.size >= this.settings.maxConnections) return refused(429, 'The node has too many connections.');
    if (verdict.kind === 'expired') return verdict;
    const { claims } = verdict;
    if (claims.sourceIp !== null && !this.comesFrom(request, claims.sourceIp)) {
      return refused(403, 'The token may not be used from this address.');
    }
    if (claims.origin !== null && normalizeOrigin(request.headers.origin ?? '') !== claims.origin) {
      return refused(403, 'The token may not be used from this origin.');
    }
    if (this.hub.of(claims.tenant, claims.recipient).size >= this.settings.maxConnectionsPerRecipient) {
      return refused(429, 'The recipient has too many connections.');
    }
    return { kind: 'admitted', claims };
  }

  private comesFrom(request: IncomingMessage, sourceIp: string): boolean {
    return parseAddressRange(sourceIp).contains(clientAddress(request, this.settings.trustedProxies));
  }
}

function refused(status: 401 | 403 | 429 | 503, reason: string): Admission {
  return { kind: 'refused', status, reason };
}
