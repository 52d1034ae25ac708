import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { addressGroup, parseAddressRange } from '../config/address-range.js';
import { Settings } from '../config/config.module.js';
import { normalizeOrigin } from '../config/origin.js';
import type { Snapshot } from '../delivery/snapshot.js';
import { type RecipientClaims, RecipientTokens } from '../recipients/recipient-token.js';
import { clientAddress } from '../http/client-address.js';
import type { Refusal } from '../http/server-limits.js';
import { Hub } from './hub.js';
import { OpeningSnapshots } from './opening-snapshots.js';
import { REFUSALS } from './refusals.js';

/** An upgrade that is let in: whose it is, where it comes from, and what could be seen in the database before it opened. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly claims: RecipientClaims;
  readonly address: string;
  readonly opened: Snapshot | null;
}

/** Whether an upgrade is let in. One with an expired token is, only to be told so by a close code: browsers see no HTTP status. */
export type Admission =
  Admitted | { readonly kind: 'expired' } | { readonly kind: 'refused'; readonly refusal: Refusal };

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

  /**
   * Looks at the request of an upgrade: `GET /?token=...`. The answer is given while nothing else can happen, so that many
   * who wait at once don't all get the last place.
   */
  async admit(request: IncomingMessage, answer: (admission: Admission) => void): Promise<void> {
    const admission = this.judge(request);
    if (admission.kind !== 'admitted') return answer(admission);
    const opened = await this.openings.take();
    // In the meantime others may have come in, or the node may be stopping.
    answer(this.refusal(admission) ?? { ...admission, opened });
  }

  private judge(request: IncomingMessage): Admission {
    if (this.draining) return refused(REFUSALS.stopping);
    const token = new URLSearchParams(request.url?.split('?', 2)[1] ?? '').get('token');
    if (!token) return refused(REFUSALS.noToken);
    const verdict = this.tokens.verify(token);
    if (verdict.kind === 'invalid') return refused(REFUSALS.badToken);
    if (this.hub.size >= this.settings.maxConnections) return refused(REFUSALS.nodeFull);
    if (verdict.kind === 'expired') return verdict;
    const { claims } = verdict;
    const address = clientAddress(request, this.settings);
    if (claims.sourceIp !== null && !parseAddressRange(claims.sourceIp).contains(address))
      return refused(REFUSALS.otherAddress);
    if (claims.origin !== null && normalizeOrigin(request.headers.origin ?? '') !== claims.origin)
      return refused(REFUSALS.otherOrigin);
    const admitted = { kind: 'admitted', claims, address: addressGroup(address), opened: null } as const;
    return this.refusal(admitted) ?? admitted;
  }

  private refusal({ claims: { tenant, recipient }, address }: Admitted): Admission | null {
    const { hub, settings } = this;
    if (this.draining) return refused(REFUSALS.stopping);
    if (hub.size >= settings.maxConnections) return refused(REFUSALS.nodeFull);
    if (hub.sizeOfTenant(tenant) >= settings.maxConnectionsPerTenant) return refused(REFUSALS.tenantFull);
    if (hub.sizeOfAddress(address) >= settings.maxConnectionsPerAddress) return refused(REFUSALS.addressFull);
    if (hub.of(tenant, recipient).size >= settings.maxConnectionsPerRecipient) return refused(REFUSALS.recipientFull);
    return null;
  }
}

function refused(refusal: Refusal): Admission {
  return { kind: 'refused', refusal };
}
