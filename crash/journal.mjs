// What a party saw, a line of JSON each. Nothing is ever changed in it; the checker reads it when all is over.
import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The journal of one party. `at` is the time in milliseconds since the epoch. */
export class Journal {
  #file;

  constructor(path) {
    this.#file = createWriteStream(path, { flags: 'a' });
  }

  write(kind, fields) {
    this.#file.write(`${JSON.stringify({ at: Date.now(), kind, ...fields })}\n`);
  }

  /** Writes out what is still in memory, and ends. */
  async close() {
    if (this.#file.writableFinished) return;
    this.#file.end();
    await once(this.#file, 'finish');
  }
}

/** All lines of a journal, in the order in which they were written. */
export async function readJournal(path) {
  const lines = [];
  for await (const line of createInterface({ input: createReadStream(path) })) lines.push(JSON.parse(line));
  return lines;
}
