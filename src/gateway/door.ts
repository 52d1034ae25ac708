import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { parseAddressRange } from '../config/address-range.js';
import { Settings } from '../config/config.module.js';
import type { Opening } from '../delivery/inbox.js';
import { normalizeOrigin } from '../recipients/origin.js';
import { type RecipientClaims, RecipientTokens } from '../recipients/recipient-token.js';
import { clientAddress } from './client-address.js';
import { OpeningSnapshots } from './opening-snapshots.js';

/** An upgrade that is let in: whose it is, and what could be seen in the database before it opened. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly claims: RecipientClaims;
  readonly opened: Opening | null;
}

/** Whether an upgrade is let in. One with an expired token is, only to be told so by a close code: browsers see no HTTP status. */
export type Admission =
  | Admitted
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 429 | 503; readonly reason: string };

const STOPPING = 'The service is stopping; connect again.';

/** Decides which WebSocket upgrades are let in. */
@Injectable()
export class Door {
  private draining = false;
  /** The connections that have a place here, and how many of them each recipient has. */
  private taken = 0;
  private readonly takenBy = new Map<string, number>();

  constructor(
    private readonly settings: Settings,
    private readonly tokens: RecipientTokens,
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
    return this.draining ? refused(503, STOPPING) : { ...admission, opened };
  }

  private judge(request: IncomingMessage): Admission {
    if (this.draining) return refused(503, STOPPING);
    const token = new URLSearchParams(request.url?.split('?', 2)[1] ?? '').get('token');
    if (!token) return refused(401, 'A token is needed: /?token=...');
    const verdict = this.tokens.verify(token);
    if (verdict.kind === 'invalid') return refused(401, 'The token is not valid.');
    if (this.taken >= this.settings.maxConnections) return refused(429, 'The node has too many connections.');
    if (verdict.kind === 'expired') {
      this.takePlace(request.socket);
      return verdict;
    }
    const { claims } = verdict;
    if (claims.sourceIp !== null && !this.comesFrom(request, claims.sourceIp)) {
      return refused(403, 'The token may not be used from this address.');
    }
    if (claims.origin !== null && normalizeOrigin(request.headers.origin ?? '') !== claims.origin) {
      return refused(403, 'The token may not be used from this origin.');
    }
    const recipient = JSON.stringify([claims.tenant, claims.recipient]);
    if (this.placesOf(recipient) >= this.settings.maxConnectionsPerRecipient) {
      return refused(429, 'The recipient has too many connections.');
    }
    this.takePlaceOf(recipient, request.socket);
    return { kind: 'admitted', claims, opened: null };
  }

  private placesOf(recipient: string): number {
    return this.takenBy.get(recipient) ?? 0;
  }

  /** Takes a place until the socket closes. It is taken before anything is waited for, so that a burst finds it taken. */
  private takePlace(socket: Socket): void {
    this.taken += 1;
    socket.once('close', () => (this.taken -= 1));
  }

  private takePlaceOf(recipient: string, socket: Socket): void {
    this.takePlace(socket);
    this.takenBy.set(recipient, this.placesOf(recipient) + 1);
    socket.once('close', () => {
      const left = this.placesOf(recipient) - 1;
      if (left > 0) this.takenBy.set(recipient, left);
      else this.takenBy.delete(recipient);
    });
  }

  private comesFrom(request: IncomingMessage, sourceIp: string): boolean {
    return parseAddressRange(sourceIp).contains(clientAddress(request, this.settings.trustedProxies));
  }
}

function refused(status: 401 | 403 | 429 | 503, reason: string): Admission {
  return { kind: 'refused', status, reason };
}
