import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from './settings.error.js';

/** A secret that seals tokens, and the id by which a token says which one it was sealed with. */
export interface TokenSecret {
  readonly id: string;
  readonly secret: string;
}

const ADMIN_PASSWORD_FILE = 'admin-password';
const TOKEN_SECRET_FORM = /^([A-Za-z0-9_-]{1,16}):(.{32,})$/;

/** Reads `id:secret,id:secret`. @throws Error whose message completes "must be ...". */
export function parseTokenSecrets(text: string): readonly TokenSecret[] {
  const secrets = text.split(',').map((pair) => {
    const [, id, secret] = TOKEN_SECRET_FORM.exec(pair.trim()) ?? [];
    return id && secret ? { id, secret } : null;
  });
  const ids = new Set(secrets.map((secret) => secret?.id));
  if (secrets.includes(null) || ids.size !== secrets.length)
    throw new Error('id:secret pairs separated by commas, no id twice and each secret of 32 characters or more');
  return secrets as TokenSecret[];
}

/** The settings that say where the secrets are. */
export interface SecretsSettings {
  readonly tokenSecrets: readonly TokenSecret[];
  readonly nodeEnv: string;
  readonly databaseUrl: string | null;
  readonly dataDir: string;
}

/**
 * The secrets that seal tokens, the one for new tokens first: from the settings, or made on the first start and kept in
 * the data folder. In production with a database of its own nothing is made up, since all nodes must share it.
 * @throws SettingsError when they are missing or malformed.
 */
export function tokenSecrets({ tokenSecrets, nodeEnv, databaseUrl, dataDir }: SecretsSettings): readonly TokenSecret[] {
  if (tokenSecrets.length > 0) return tokenSecrets;
  if (nodeEnv === 'production' && databaseUrl !== null) {
    throw new SettingsError([
      'TOKEN_SECRETS must be set in production with a DATABASE_URL, since all nodes must share it. Make one with: echo "a:$(openssl rand -hex 32)"',
    ]);
  }
  const stored = madeSecret(dataDir);
  try {
    return parseTokenSecrets(stored);
  } catch (error) {
    throw new SettingsError([`${join(dataDir, 'secrets', 'token-secrets')} must hold ${(error as Error).message}.`]);
  }
}

function madeSecret(dataDir: string): string {
  try {
    return storedSecret(dataDir, 'token-secrets', () => `a:${randomBytes(32).toString('hex')}`);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    throw new SettingsError([`DATA_DIR must be a folder that this user can read and write (${code}: ${path}).`]);
  }
}

/** The settings that say how the admin pages are entered. */
export interface AdminPasswordSettings {
  readonly adminPassword: string | null;
  readonly nodeEnv: string;
  readonly dataDir: string;
}

/** The password of the admin pages. */
export interface AdminPassword {
  readonly text: string;
  /** Where it is kept when it was made up; null when it was set. */
  readonly file: string | null;
  /** Whether it was made up just now, so that nobody has been told of it. */
  readonly isNew: boolean;
}

/**
 * The password of the admin pages: from the settings, or, in development, made on the first start and kept in the data folder.
 * Null where there is none: the admin pages are then off.
 * @throws Error of the file system when it can't be read or kept.
 */
export function adminPassword({ adminPassword, nodeEnv, dataDir }: AdminPasswordSettings): AdminPassword | null {
  if (adminPassword !== null) return { text: adminPassword, file: null, isNew: false };
  if (nodeEnv !== 'development') return null;
  const made = randomBytes(16).toString('hex');
  const text = storedSecret(dataDir, ADMIN_PASSWORD_FILE, () => made);
  return { text, file: join(dataDir, 'secrets', ADMIN_PASSWORD_FILE), isNew: text === made };
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
