import type { Signal } from './relay.js';

/** PostgreSQL's NOTIFY carries less than 8,000 bytes. */
const PAYLOAD_LIMIT = 7_900;

/** What stands before the recipients, where the log or a trace follows messages. A node of a version before knows no recipient of that kind. */
interface Mark {
  /** The id of the request. */
  readonly r?: string;
  /** The place in the trace. */
  readonly t?: string;
}

type MessagesText = readonly ['m', tenant: string, txid: number, ...rest: (Mark | string)[]];
type GlobalText = readonly ['g', tenant: string, txid: number, ...rest: Mark[]];
type RevocationText = readonly ['r'];
type LookupText = readonly ['l', tenant: string, id: string, recipient: string, ...seqs: number[]];

/** Writes a signal as one or more payloads of less than 8,000 bytes each. */
export function encodeSignal(signal: Signal): string[] {
  if (signal.kind === 'revocation') return [JSON.stringify(['r'] satisfies RevocationText)];
  if (signal.kind === 'lookup') {
    const { tenant, id, recipient, seqs } = signal;
    return [JSON.stringify(['l', tenant, id, recipient, ...seqs] satisfies LookupText)];
  }
  const { requestId, place } = signal;
  const mark =
    requestId === undefined && place === undefined
      ? []
      : [{ ...(requestId !== undefined && { r: requestId }), ...(place !== undefined && { t: place }) }];
  if (signal.kind === 'global')
    return [JSON.stringify(['g', signal.tenant, signal.txid, ...mark] satisfies GlobalText)];
  const payloads: string[] = [];
  const head = JSON.stringify(['m', signal.tenant, signal.txid, ...mark] satisfies MessagesText).slice(0, -1);
  let payload = head;
  for (const recipient of signal.recipients) {
    const item = `,${JSON.stringify(recipient)}`;
    if (payload !== head && Buffer.byteLength(payload) + Buffer.byteLength(item) + 1 > PAYLOAD_LIMIT) {
      payloads.push(`${payload}]`);
      payload = head;
    }
    payload += item;
  }
  return [...payloads, `${payload}]`];
}

/** Reads a payload, or gives null when it is none of ours (a newer node's, or a stranger's on the same channel). */
export function decodeSignal(payload: string): Signal | null {
  try {
    const parts = JSON.parse(payload) as MessagesText | GlobalText | RevocationText | LookupText;
    const [kind, tenant, txid] = parts;
    if (kind === 'r') return { kind: 'revocation' };
    if (kind === 'l') return decodeLookup(parts);
    if (typeof tenant !== 'string' || typeof txid !== 'number') return null;
    const rest = parts.slice(3);
    const mark = rest.find((part): part is Mark => typeof part === 'object');
    const marks = {
      ...(typeof mark?.r === 'string' && { requestId: mark.r }),
      ...(typeof mark?.t === 'string' && { place: mark.t }),
    };
    if (kind === 'g') return { kind: 'global', tenant, txid, ...marks };
    const recipients = rest.filter((part): part is string => typeof part === 'string');
    if (kind === 'm') return { kind: 'messages', tenant, txid, recipients, ...marks };
    return null;
  } catch {
    return null;
  }
}

function decodeLookup([, tenant, id, recipient, ...seqs]: LookupText): Signal | null {
  if (![tenant, id, recipient].every((text) => typeof text === 'string')) return null;
  return { kind: 'lookup', tenant, id, recipient, seqs };
}
