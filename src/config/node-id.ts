import { randomBytes } from 'node:crypto';

/** Tells this node, from its start to its end, from all others. */
export class NodeId {
  /** Short enough that PostgreSQL takes a channel of this name behind the longest `NAMESPACE`. */
  readonly text = randomBytes(6).toString('hex');
}
