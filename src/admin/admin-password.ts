import { createHash, timingSafeEqual } from 'node:crypto';

/** The password of the admin pages. */
export class AdminPassword {
  constructor(readonly text: string) {}

  /** Whether this is it, in the same time whatever is wrong about it. */
  is(given: string): boolean {
    return timingSafeEqual(hash(given), hash(this.text));
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
