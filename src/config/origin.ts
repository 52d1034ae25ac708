/**
 * The origin that a URL or an `Origin` header names, in the one form in which origins are compared: lower case, without
 * the scheme's own port (RFC 6454 §4). Null when the text is no http or https origin, or has more than an origin.
 */
export function normalizeOrigin(text: string): string | null {
  if (!/^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text)) return null;
  try {
    const { origin } = new URL(text);
    return origin === 'null' ? null : origin;
  } catch {
    return null;
  }
}

/** The same of a text that must be an origin. @throws Error when it is none. */
export function parseOrigin(text: string): string {
  const origin = normalizeOrigin(text);
  if (origin === null) throw new Error('not an origin');
  return origin;
}
