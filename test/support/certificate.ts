import { randomUUID } from 'node:crypto';
import { generate } from 'selfsigned';

/** A new certificate of localhost and 127.0.0.1 with its key, in PEM. It signs itself, so a client that trusts it needs no other. */
export async function makeCertificate(): Promise<{ readonly cert: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: randomUUID() }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { cert, key };
}
