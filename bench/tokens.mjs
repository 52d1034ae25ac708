// Recipient tokens as the service makes them, without asking it: what it did for them would count as a part of what is measured.
import { TokenSecrets } from '../dist/src/config/config.module.js';
import { parseTokenSecrets } from '../dist/src/config/secrets.js';
import { RecipientTokens } from '../dist/src/recipients/recipient-token.js';
import { SealedTokens } from '../dist/src/recipients/sealed-tokens.js';

/** The setting of a service that takes these tokens. */
export const TOKEN_SECRETS = 'new:a new secret of 32 characters or more,old:an old secret of 32 characters or more';

const tokens = new RecipientTokens(
  { tokenTtl: 604_800_000 },
  new SealedTokens(new TokenSecrets(parseTokenSecrets(TOKEN_SECRETS))),
  { now: Date.now, reached: Date.now },
  { revokedUntil: () => 0 },
);

/** A URI for each of so many recipients to connect to the service with. */
export function connectionUris({ url }, count) {
  return Array.from({ length: count }, (_, i) => {
    const claims = { tenant: 'demo', recipient: `recipient-${i}`, topic: null, sourceIp: null, origin: null };
    return `${url.replace('http', 'ws')}/?token=${tokens.sign(claims)}`;
  });
}

/** Reads `count` tokens that bear everything; gives the microseconds of each. */
export function readingTime(count) {
  const all = Array.from({ length: count }, (_, i) =>
    tokens.sign({
      tenant: 'acme',
      recipient: `d9f3c17a-c6de-4e5e-b42b-${i}`,
      topic: 'news',
      sourceIp: '203.0.113.0/24',
      origin: 'https://example.org',
    }),
  );
  const start = performance.now();
  for (const token of all) if (tokens.verify(token).kind !== 'valid') throw new Error('A token is not valid');
  return ((performance.now() - start) / count) * 1_000;
}
