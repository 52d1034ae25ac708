import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { SettingsError } from '../config/settings.error.js';
import type { SettingValues } from '../config/settings.js';
import { Log } from '../log/log.js';

/** What makes a server speak TLS: a certificate and its private key in PEM, and how long a client may take to greet. */
export interface TlsOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly handshakeTimeout: number;
}

type TlsSettings = Pick<SettingValues, 'tlsCertFile' | 'tlsKeyFile' | 'headersTimeout'>;

/** How often the files are looked at. They are not watched: tools that renew certificates move links and whole folders. */
const INTERVAL = 1_000;

/**
 * The certificate that the settings name, or null when they name none.
 * @throws SettingsError when the files can't be read or used
 */
export function tlsOptions({ tlsCertFile, tlsKeyFile, headersTimeout }: TlsSettings): TlsOptions | null {
  if (tlsCertFile === '' && tlsKeyFile === '') return null;
  if (tlsCertFile === '' || tlsKeyFile === '')
    throw new SettingsError(['TLS_CERT_FILE and TLS_KEY_FILE must be set together.']);
  const cert = read('TLS_CERT_FILE', tlsCertFile);
  const key = read('TLS_KEY_FILE', tlsKeyFile);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new SettingsError([
      `TLS_CERT_FILE and TLS_KEY_FILE must be a certificate and its private key in PEM: ${(error as Error).message}.`,
    ]);
  }
  return { cert, key, handshakeTimeout: headersTimeout };
}

/** Takes up the certificate anew whenever its files change. While they don't fit each other, the last that did stays in use. */
export function followCertificate(server: Server, settings: TlsSettings): void {
  const log = new Log('Certificate');
  const paths = [settings.tlsCertFile, settings.tlsKeyFile];
  const reload = (): void => {
    try {
      server.setSecureContext(tlsOptions(settings) ?? {});
      log.write('certificate.renewed', 'The certificate was taken up anew');
    } catch (error) {
      // A mistake in a setting is a sentence of ours.
      log.write('certificate.kept', `The certificate of before stays in use: ${(error as Error).message}`);
    }
  };
  for (const path of paths) watchFile(path, { interval: INTERVAL, persistent: false }, reload);
  server.once('close', () => {
    for (const path of paths) unwatchFile(path, reload);
  });
}

function read(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SettingsError([`${setting} must be a file that can be read: ${(error as Error).message}.`]);
  }
}
