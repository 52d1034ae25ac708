// Backends that push, one push after the other each, and write down what was acknowledged.
import { setTimeout as pause } from 'node:timers/promises';
import { ApiError } from './api.mjs';
import { RECIPIENTS, TOPIC } from './cast.mjs';
import { textOf } from './text.mjs';

const BACKENDS = 8;
const BETWEEN_PUSHES = { from: 5, to: 50 };
const AFTER_ERROR = 100;
/** An expiry that no run lives to see. */
const FAR = 3_600_000;
/** Whoever proves nothing is sent everything again and again; a little is enough. */
const TO_THE_MUTE = 0.1;

export class Backends {
  #api;
  #journal;
  #random;
  #stopped = false;
  #loops = [];
  /** Sending and being answered, of all backends, counted by one counter: that tells what was before what. */
  #moment = 0;
  acknowledged = 0;
  /** Pushes that were refused with 503 and when to try again, and those that got no answer; and what was answered otherwise. */
  refused = { clearly: 0, silently: 0, otherwise: [] };

  constructor(api, journal, random) {
    this.#api = api;
    this.#journal = journal;
    this.#random = random;
  }

  start() {
    this.#loops = Array.from({ length: BACKENDS }, (_, i) => this.#loop(`b${i}`, this.#random.fork()));
  }

  /** Stops when the pushes under way are answered. */
  async stop() {
    this.#stopped = true;
    await Promise.all(this.#loops);
  }

  async #loop(backend, random) {
    for (let n = 0; !this.#stopped; n += 1) {
      const good = await this.#push(`${backend}:${n}`, random);
      await pause(good ? random.between(BETWEEN_PUSHES.from, BETWEEN_PUSHES.to) : AFTER_ERROR);
    }
  }

  async #push(key, random) {
    const global = random.chance(0.06);
    const recipients = global ? null : receivers(random);
    const topic = random.chance(0.15) ? TOPIC : null;
    const expiresAt = expiry(random, global);
    const input = {
      message: textOf(key, random.chance(0.06) ? random.between(500, 30_000) : 0),
      ...(topic !== null && { topic }),
      ...(expiresAt !== null && { expiresAt: new Date(expiresAt).toISOString() }),
    };
    const sent = this.#tick();
    const push = { key, recipients, topic, expiresAt, sent, sentAt: Date.now() };
    try {
      const ids = global
        ? { global: await this.#api.pushGlobal(input) }
        : Object.fromEntries(
            (await this.#api.push({ recipients, ...input })).map(({ id, recipient }) => [recipient, id]),
          );
      this.#journal.write('push', { ...push, answered: this.#tick(), ids });
      this.acknowledged += Object.keys(ids).length;
      return true;
    } catch (error) {
      // It may have been stored or not; nothing was promised.
      this.#journal.write('push', { ...push, answered: null, ids: null, error: error.message });
      this.#countRefusal(error, expiresAt);
      return false;
    }
  }

  #countRefusal(error, expiresAt) {
    // What was held up on its way may be refused because it has expired by now.
    const isTooLate = error.code === 'BAD_USER_INPUT' && expiresAt !== null && expiresAt <= Date.now();
    if (!(error instanceof ApiError)) this.refused.silently += 1;
    else if (error.saysWhen) this.refused.clearly += 1;
    else if (!isTooLate) this.refused.otherwise.push(error.message);
  }

  #tick() {
    this.#moment += 1;
    return this.#moment;
  }
}

function receivers(random) {
  const some = random.chance(0.15)
    ? random.shuffled(RECIPIENTS).slice(0, random.between(2, 6))
    : [random.pick(RECIPIENTS)];
  const others = some.filter((recipient) => recipient !== 'kim' || random.chance(TO_THE_MUTE));
  return others.length === 0 ? [RECIPIENTS[0]] : others;
}

function expiry(random, global) {
  if (random.chance(0.25)) return Date.now() + random.between(1_000, 20_000);
  return global && random.chance(0.5) ? Date.now() + FAR : null;
}
