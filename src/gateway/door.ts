import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { addressGroup, liesIn } from '../config/address-range.js';
import { Settings } from '../config/config.module.js';
import { normalizeOrigin } from '../config/origin.js';
import type { Opening } from '../delivery/inbox.js';
import { RecipientTokens } from '../recipients/recipient-token.js';
import type { RecipientClaims } from '../recipients/recipient-token.strategy.js';
import { clientAddress } from '../http/client-address.js';
import { Counts } from '../http/counts.js';
import type { Refusal } from '../http/server-limits.js';
import { OpeningSnapshots } from './opening-snapshots.js';
import { REFUSALS } from './refusals.js';

/** An upgrade that is let in: whose it is, since when its token counts, and what could be seen in the database before it opened. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly claims: RecipientClaims;
  readonly issuedAt: number;
  readonly opened: Opening | null;
}

/**
 * Whether an upgrade is let in. One with an expired or revoked token is, only to be told so by a close code: browsers see
 * no HTTP status.
 */
export type Admission =
  Admitted | { readonly kind: 'expired' | 'revoked' } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** How many connections there are of a kind, how many there may be, and what is said to the next one. */
interface Limit {
  readonly counts: Counts;
  readonly name: string;
  readonly most: number;
  readonly refusal: Refusal;
}

/** Decides which WebSocket upgrades are let in. */
@Injectable()
export class Door {
  private draining = false;
  /** The connections that have a place here, and how many of them each tenant, address and recipient has. */
  private taken = 0;
  private readonly byTenant = new Counts();
  private readonly byAddress = new Counts();
  private readonly byRecipient = new Counts();

  constructor(
    private readonly settings: Settings,
    private readonly tokens: RecipientTokens,
    private readonly openings: OpeningSnapshots,
  ) {}

  /** Refuses everybody from now on: the node is stopping. */
  shut(): void {
    this.draining = true;
  }

  /** Looks at the request of an upgrade: `GET /?token=...`. */
  async admit(request: IncomingMessage): Promise<Admission> {
    const admission = this.judge(request);
    if (admission.kind !== 'admitted') return admission;
    const opened = await this.openings.take();
    return this.draining ? refused(REFUSALS.stopping) : { ...admission, opened };
  }

  private judge(request: IncomingMessage): Admission {
    if (this.draining) return refused(REFUSALS.stopping);
    const token = new URLSearchParams(request.url?.split('?', 2)[1] ?? '').get('token');
    if (!token) return refused(REFUSALS.noToken);
    const verdict = this.tokens.verify(token);
    if (verdict.kind === 'invalid') return refused(REFUSALS.badToken);
    if (this.taken >= this.settings.maxConnections) return refused(REFUSALS.nodeFull);
    const address = clientAddress(request, this.settings);
    // Those that are let in only to be told why not have no recipient of their own to count for.
    if (verdict.kind !== 'valid') return this.takePlaces(request.socket, [this.addressLimit(address)], verdict);
    const { claims, issuedAt } = verdict;
    if (claims.sourceIp !== null && !liesIn(claims.sourceIp, address)) return refused(REFUSALS.otherAddress);
    if (claims.origin !== null && normalizeOrigin(request.headers.origin ?? '') !== claims.origin)
      return refused(REFUSALS.otherOrigin);
    return this.takePlaces(request.socket, [...this.limitsOf(claims), this.addressLimit(address)], {
      kind: 'admitted',
      claims,
      issuedAt,
      opened: null,
    });
  }

  private limitsOf({ tenant, recipient }: RecipientClaims): Limit[] {
    const { maxConnectionsPerTenant, maxConnectionsPerRecipient } = this.settings;
    return [
      { counts: this.byTenant, name: tenant, most: maxConnectionsPerTenant, refusal: REFUSALS.tenantFull },
      {
        counts: this.byRecipient,
        name: JSON.stringify([tenant, recipient]),
        most: maxConnectionsPerRecipient,
        refusal: REFUSALS.recipientFull,
      },
    ];
  }

  private addressLimit(address: string): Limit {
    const { maxConnectionsPerAddress } = this.settings;
    return {
      counts: this.byAddress,
      name: addressGroup(address),
      most: maxConnectionsPerAddress,
      refusal: REFUSALS.addressFull,
    };
  }

  /**
   * Takes a place under each limit until the socket closes, unless one is reached. They are taken before anything is waited
   * for, so that a burst finds them taken.
   */
  private takePlaces(socket: Socket, limits: readonly Limit[], admission: Admission): Admission {
    const reached = limits.find(({ counts, name, most }) => counts.of(name) >= most);
    if (reached) return refused(reached.refusal);
    this.taken += 1;
    for (const { counts, name } of limits) counts.add(name, 1);
    socket.once('close', () => {
      this.taken -= 1;
      for (const { counts, name } of limits) counts.add(name, -1);
    });
    return admission;
  }
}

function refused(refusal: Refusal): Admission {
  return { kind: 'refused', refusal };
}
