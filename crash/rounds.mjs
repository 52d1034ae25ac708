// What one round of torments is made of. A round is dealt anew, in another order, until the time is over.

/** To any service. */
const ALWAYS = [
  'kill',
  'kill',
  'kill',
  'kill at start',
  'kill at start',
  'kill at shutdown',
  'stop',
  'stop at once',
  'kill database',
  'kill database',
  'kill both',
  'pause',
];
/** While the queue is in PostgreSQL. */
const QUEUE = ['empty queue', 'drop queue'];
/** While several nodes share a database that is not part of any. */
const MANY = ['kill all', 'restart database', 'pause database', 'cut off from database', 'cut off from database'];
/** While the queue and the signals are in Redis. It keeps nothing on disk, so it comes back empty. */
const REDIS = [
  'empty Redis',
  'empty Redis',
  'kill Redis',
  'kill Redis',
  'pause Redis',
  'cut off from Redis',
  'cut off from Redis',
  'cut off from both',
];

/** The torments of a round for this installation. */
export function roundFor({ nodes, redis }) {
  return [...ALWAYS, ...(nodes.areMany ? MANY : []), ...(redis ? REDIS : QUEUE)];
}
