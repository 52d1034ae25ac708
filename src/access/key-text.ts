import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const KEY_FORM = /^homing_([0-9a-f]{10})_([0-9a-f]{48})$/;

/** The two parts of an access key: the public prefix it is found by, and the secret, of which only a hash is stored. */
export interface KeyText {
  readonly prefix: string;
  readonly secret: string;
}

/** Makes a new key: `homing_<prefix>_<secret>`, 40 and 192 random bits. */
export function makeKey(): KeyText & { readonly text: string } {
  const prefix = randomBytes(5).toString('hex');
  const secret = randomBytes(24).toString('hex');
  return { prefix, secret, text: `homing_${prefix}_${secret}` };
}

/** Reads a key, or gives null when the text has not the form of one. */
export function parseKey(text: string): KeyText | null {
  const match = KEY_FORM.exec(text);
  return match ? { prefix: match[1] as string, secret: match[2] as string } : null;
}

/** What is stored of a secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether the secret is the one of this hash, in a time that does not depend on where they differ. */
export function matchesHash(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(hash, 'hex'));
}
