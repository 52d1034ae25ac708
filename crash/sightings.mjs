/** What each recipient saw, on which connection, and when it was proven: a pong that was sent after it on the same connection. */
export class Sightings {
  /** In the order of their opening. */
  connections = [];
  stalls = [];
  frames = 0;
  repeats = 0;
  #byRecipient = new Map();
  #present;

  constructor(entries, settled) {
    this.#read(entries);
    for (const connection of this.connections) this.#remember(connection);
    this.#countRepeats();
    this.#present = this.connections.filter(
      ({ openedAt, closedAt }) => openedAt <= settled.from && (closedAt === null || closedAt >= settled.to),
    );
  }

  /** When a recipient first saw the message, and first proved it (null: never); undefined when it has not seen it. */
  of(recipient, key) {
    return this.#byRecipient.get(recipient)?.get(key);
  }

  /** Whether a connection of the recipient that takes the topic was there all the time when everything was up. */
  isPresent(recipient, topic) {
    return this.#present.some((one) => one.recipient === recipient && (topic === null || one.topic === topic));
  }

  get recipients() {
    return [...new Set(this.connections.map(({ recipient }) => recipient))];
  }

  /** The connections of each device that is the only one of its recipient. */
  get soleDevices() {
    return this.recipients
      .map((recipient) => this.connections.filter((one) => one.recipient === recipient))
      .filter((connections) => new Set(connections.map(({ device }) => device)).size === 1);
  }

  #read(entries) {
    const open = new Map();
    for (const { at, kind, connection: id, ...entry } of entries) {
      const connection = open.get(id);
      if (kind === 'open') {
        const opened = { ...entry, connection: id, openedAt: at, closedAt: null, frames: [] };
        open.set(id, opened);
        this.connections.push(opened);
      } else if (kind === 'frame') {
        connection.frames.push({ key: entry.key, at, provenAt: null });
        this.frames += 1;
      } else if (kind === 'pong') {
        // One pong proves everything before it that was not proven yet.
        for (let i = connection.frames.length - 1; i >= 0 && connection.frames[i].provenAt === null; i -= 1)
          connection.frames[i].provenAt = at;
      } else if (kind === 'close' && connection) {
        connection.closedAt = at;
      } else if (kind === 'stall') {
        this.stalls.push(entry);
      }
    }
  }

  #remember({ recipient, frames }) {
    const seen = this.#byRecipient.get(recipient) ?? new Map();
    this.#byRecipient.set(recipient, seen);
    for (const { key, at, provenAt } of frames) {
      const before = seen.get(key) ?? { at, provenAt };
      seen.set(key, { at: Math.min(before.at, at), provenAt: earlier(before.provenAt, provenAt) });
    }
  }

  #countRepeats() {
    const seen = new Set();
    for (const { device, frames } of this.connections)
      for (const { key } of frames) {
        const sight = `${device} ${key}`;
        if (seen.has(sight)) this.repeats += 1;
        seen.add(sight);
      }
  }
}

function earlier(a, b) {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
