import type { Signal } from './relay.js';

/** PostgreSQL's NOTIFY carries less than 8,000 bytes. */
const PAYLOAD_LIMIT = 7_900;

/** What stands before the recipients, where the log follows messages. A node of a version before knows no recipient of that kind. */
interface Trace {
  readonly r: string;
}

type MessagesText = readonly ['m', tenant: string, txid: number, ...rest: (Trace | string)[]];
type GlobalText = readonly ['g', tenant: string, txid: number, ...rest: Trace[]];
type RevocationText = readonly ['r'];
type LookupText = readonly ['l', tenant: string, id: string, recipient: string, ...seqs: number[]];

/** Writes a signal as one or more payloads of less than 8,000 bytes each. */
export function encodeSignal(signal: Signal): string[] {
  if (signal.kind === 'revocation') return [JSON.stringify(['r'] satisfies RevocationText)];
  if (signal.kind === 'lookup') {
    const { tenant, id, recipient, seqs } = signal;
    return [JSON.stringify(['l', tenant, id, recipient, ...seqs] satisfies LookupText)];
  }
  const trace = signal.requestId === undefined ? [] : [{ r: signal.requestId }];
  if (signal.kind === 'global')
    return [JSON.stringify(['g', signal.tenant, signal.txid, ...trace] satisfies GlobalText)];
  const payloads: string[] = [];
  const head = JSON.stringify(['m', signal.tenant, signal.txid, ...trace] satisfies MessagesText).slice(0, -1);
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
    const trace = rest.find((part): part is Trace => typeof part === 'object');
    const requestId = trace && { requestId: trace.r };
    if (kind === 'g') return { kind: 'global', tenant, txid, ...requestId };
    const recipients = rest.filter((part): part is string => typeof part === 'string');
    if (kind === 'm') return { kind: 'messages', tenant, txid, recipients, ...requestId };
    return null;
  } catch {
    return null;
  }
}

function decodeLookup([, tenant, id, recipient, ...seqs]: LookupText): Signal | null {
  if (![tenant, id, recipient].every((text) => typeof text === 'string')) return null;
  return { kind: 'lookup', tenant, id, recipient, seqs };
}
