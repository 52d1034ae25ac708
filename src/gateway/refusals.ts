import { CUT_OFFS, type Refusal } from '../http/server-limits.js';

const NEW_TOKEN = 'Asks your application for a new token.';
const NO_USE = 'Does not come back: this token is not for it.';
const { client: LATER } = CUT_OFFS.addressFull;
const { client: AWAY } = CUT_OFFS.notHttp;

/** Every answer of the door to an upgrade but `101`. `docs/close-codes.md` is written from it. */
export const REFUSALS = {
  oldHttp: { status: 400, reason: 'An upgrade needs HTTP/1.1 and a Host header.', client: AWAY },
  noToken: { status: 401, reason: 'A token is needed: /?token=...', client: NEW_TOKEN },
  badToken: { status: 401, reason: 'The token is not valid.', client: NEW_TOKEN },
  otherAddress: { status: 403, reason: 'The token may not be used from this address.', client: NO_USE },
  otherOrigin: { status: 403, reason: 'The token may not be used from this origin.', client: NO_USE },
  otherPath: {
    status: 404,
    reason: 'The WebSocket endpoint is at / alone.',
    client: 'Uses `connectionUri` as it is.',
  },
  recipientFull: { status: 429, reason: 'The recipient has too many connections.', client: LATER },
  addressFull: CUT_OFFS.addressFull,
  tenantFull: { status: 429, reason: 'The tenant has too many connections.', client: LATER },
  nodeFull: { status: 429, reason: 'The node has too many connections.', client: LATER },
  stopping: {
    status: 503,
    reason: 'The service is stopping; connect again.',
    client: 'Comes back at once: another node takes it. `Retry-After` is given.',
  },
} as const satisfies Record<string, Refusal>;

/** The answers to what is no handshake of RFC 6455. */
export const PROTOCOL_REFUSALS: readonly Refusal[] = [
  { status: 400, reason: 'Which header of the handshake is missing or not valid.', client: AWAY },
  { status: 405, reason: 'Invalid HTTP method', client: AWAY },
];

const NAMES = new Map<Refusal, string>(
  Object.entries(REFUSALS).map(([name, refusal]) => [
    refusal,
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ]),
);

/** What a refusal is called among the metrics: `node_full` for `nodeFull`. */
export function reasonOf(refusal: Refusal): string {
  return NAMES.get(refusal) ?? 'other';
}
