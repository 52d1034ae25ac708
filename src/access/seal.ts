import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { TokenSecret } from '../config/secrets.js';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals small data into text that its holder can neither read nor change (AES-256-GCM, RFC 5116), under a key derived
 * for one purpose, so that what was sealed for one can't be used for another. The text names the secret it was sealed
 * with: the first secret seals, all of them open, so that secrets can be rotated with an overlap.
 */
export class Seal {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: string;

  constructor(secrets: readonly TokenSecret[], purpose: string) {
    const [first] = secrets;
    if (!first) throw new Error('A seal needs a secret.');
    this.current = first.id;
    this.keys = new Map(
      secrets.map(({ id, secret }) => [id, Buffer.from(hkdfSync('sha256', secret, 'homing', purpose, 32))]),
    );
  }

  /** `base64url(length of the secret's id, id, nonce, ciphertext, tag)`. */
  seal(data: string): string {
    const header = Buffer.concat([Buffer.from([this.current.length]), Buffer.from(this.current)]);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.keys.get(this.current) as Buffer, iv).setAAD(header);
    return Buffer.concat([header, iv, cipher.update(data, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** What was sealed, or null when this text was not sealed with these secrets for this purpose. */
  open(text: string): string | null {
    const bytes = Buffer.from(text, 'base64url');
    // Several texts decode to the same bytes (spare bits, padding, foreign characters); only the one that was given out counts.
    if (bytes.toString('base64url') !== text) return null;
    const headerEnd = 1 + (bytes[0] ?? 0);
    const bodyStart = headerEnd + IV_BYTES;
    const bodyEnd = bytes.length - TAG_BYTES;
    const key = this.keys.get(bytes.toString('utf8', 1, headerEnd));
    if (!key || bodyEnd < bodyStart) return null;
    try {
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(headerEnd, bodyStart), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(bytes.subarray(0, headerEnd)).setAuthTag(bytes.subarray(bodyEnd));
      return decipher.update(bytes.subarray(bodyStart, bodyEnd), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return null;
    }
  }
}
