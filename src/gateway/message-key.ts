import type { MessageRef } from '../delivery/proof-ledger.js';

/** A message by one text: those to recipients and global ones are numbered apart. */
export function messageKey({ seq, global }: MessageRef): string {
  return `${global ? 'g' : 'm'}${seq}`;
}
