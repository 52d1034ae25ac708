import type { LookupAnswer } from '../lookups/lookup-answer.js';

/** Why a message is PENDING, as far as the nodes know. */
export type PendingReason =
  | 'proven'
  | 'sent'
  | 'backlog'
  | 'window'
  | 'soon'
  | 'cut-off'
  | 'no-pong'
  | 'other-topic'
  | 'not-connected'
  | 'not-known';

/**
 * Why a message is PENDING.
 * @param answers what the nodes of the gateway know of its recipient
 * @param missing how many of them have not answered: what they have may be the reason
 */
export function pendingReason(
  { seq, topic }: { readonly seq: number; readonly topic: string | null },
  answers: readonly LookupAnswer[],
  missing: number,
): PendingReason {
  const connections = answers.flatMap((answer) => answer.connections);
  if (answers.some(({ proven }) => proven.includes(seq))) return 'proven';
  if (connections.some(({ sent }) => sent.includes(seq))) return 'sent';
  if (missing > 0) return 'not-known';
  const takes = (other: { readonly topic: string | null }) => topic === null || topic === other.topic;
  const taking = connections.filter(takes);
  if (taking.some(({ live }) => !live)) return 'backlog';
  if (taking.some(({ unproven, buffered }) => unproven > 0 || buffered > 0)) return 'window';
  if (taking.length > 0) return 'soon';
  const cutOff = answers
    .map((answer) => answer.cutOff)
    .filter((one) => one !== null && takes(one))
    .sort((a, b) => (a?.at ?? '').localeCompare(b?.at ?? ''))
    .at(-1);
  if (cutOff) return cutOff.because === 'slow_consumer' ? 'cut-off' : 'no-pong';
  return connections.length > 0 ? 'other-topic' : 'not-connected';
}
