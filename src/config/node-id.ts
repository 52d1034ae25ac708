import { randomBytes } from 'node:crypto';

/** Tells this node, from its start to its end, from all others. */
export class NodeId {
  readonly text = randomBytes(8).toString('hex');
}
