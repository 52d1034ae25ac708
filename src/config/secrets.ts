import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from './settings.error.js';
import type { SettingValues } from './settings.js';

/** A secret that seals tokens, and the id by which a token says which one it was sealed with. */
export interface TokenSecret {
  readonly id: string;
  readonly secret: string;
}

const TOKEN_SECRET_FORM = /^([A-Za-z0-9_-]{1,16}):(.{32,})$/;

/**
 * The secrets that seal tokens, the one for new tokens first: from the settings, or made on the first start and kept in
 * the data folder. In production with a database of its own nothing is made up, since all nodes must share it.
 * @throws SettingsError when they are missing or malformed.
 */
export function tokenSecrets(settings: SettingValues): readonly TokenSecret[] {
  if (settings.tokenSecrets !== '') return parseTokenSecrets(settings.tokenSecrets);
  if (settings.nodeEnv === 'production' && settings.databaseUrl !== null) {
    throw new SettingsError([
      'TOKEN_SECRETS must be set in production with a DATABASE_URL, since all nodes must share it. Make one with: echo "a:$(openssl rand -hex 32)"',
    ]);
  }
  return parseTokenSecrets(
    storedSecret(settings.dataDir, 'token-secrets', () => `a:${randomBytes(32).toString('hex')}`),
  );
}

function parseTokenSecrets(text: string): readonly TokenSecret[] {
  const secrets = text.split(',').map((pair) => {
    const match = TOKEN_SECRET_FORM.exec(pair.trim());
    if (!match)
      throw new SettingsError([
        'TOKEN_SECRETS must be id:secret pairs separated by commas, each secret of 32 characters or more.',
      ]);
    return { id: match[1] as string, secret: match[2] as string };
  });
  if (new Set(secrets.map(({ id }) => id)).size !== secrets.length)
    throw new SettingsError(['TOKEN_SECRETS must not use an id twice.']);
  return secrets;
}

/** The secret of this name in the data folder, made and stored with mode 600 when it isn't there yet. */
export function storedSecret(dataDir: string, name: string, make: () => string): string {
  const folder = join(dataDir, 'secrets');
  const path = join(folder, name);
  if (existsSync(path)) {
    chmodSync(path, 0o600);
    return readFileSync(path, 'utf8').trim();
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Written aside and then linked to its name: it is there whole or not at all, and the first of several processes wins.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${make()}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(path, 'utf8').trim();
}
