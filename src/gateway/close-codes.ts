import type { ClosedBecause } from '../metrics/metrics.js';

/** A way in which an open connection ends. */
export interface Close {
  /** What it is called among the metrics. */
  readonly name: ClosedBecause;
  readonly code: number;
  readonly reason: string;
  readonly when: string;
  /** What a client should do now. */
  readonly client: string;
}

const AWAY = 'Stays away until it is mended.';
const LATER = 'Comes back, a little later each time.';

/** The close codes that the service sends (RFC 6455 §7.4), each with its reason. `docs/close-codes.md` is written from it. */
export const CLOSE = {
  flood: {
    name: 'flood',
    code: 1008,
    reason: 'too many frames: this channel is push-only',
    when: 'The client sent more than `INBOUND_RATE`.',
    client: AWAY,
  },
  restart: {
    name: 'restart',
    code: 1012,
    reason: 'service restart',
    when: 'The node is stopping, or its database crashed and is back.',
    client: 'Comes back at once: another node, or the next process, takes it.',
  },
  tokenExpired: {
    name: 'token_expired',
    code: 4401,
    reason: 'token expired',
    when: 'The token was genuine and is older than `TOKEN_TTL`.',
    client: 'Asks your application for a new token.',
  },
  tokenRevoked: {
    name: 'token_revoked',
    code: 4403,
    reason: 'token revoked',
    when: "The recipient's tokens were revoked after this one was made.",
    client: 'Asks your application for a new token, which may give none.',
  },
} as const satisfies Record<string, Close>;

/** The close codes that clients see besides: those of the protocol itself, which bear no reason. */
export const PROTOCOL_CLOSES: readonly Omit<Close, 'name'>[] = [
  {
    code: 1002,
    reason: '',
    when: 'The client, or something on the way, broke the WebSocket protocol.',
    client: LATER,
  },
  {
    code: 1006,
    reason: '',
    when: 'There was no close frame: the network failed, the upgrade was refused, or a client was cut off that answers no ping or reads nothing.',
    client: LATER,
  },
  { code: 1008, reason: '', when: 'The client sent a message in more than 16 fragments.', client: AWAY },
  { code: 1009, reason: '', when: 'The client sent a frame larger than `MAX_INBOUND_FRAME`.', client: AWAY },
];
