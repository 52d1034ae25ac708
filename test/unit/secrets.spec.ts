import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminPassword, storedSecret, tokenSecrets } from '../../src/config/secrets.js';
import { SettingsError } from '../../src/config/settings.error.js';
import { readSettings } from '../../src/config/settings.js';

const SECRET = '0123456789abcdef0123456789abcdef';
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('the secrets of tokens', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'homing-secrets-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const secrets = (environment: Record<string, string> = {}) =>
    tokenSecrets(readSettings({ DATA_DIR: dataDir, ...environment }));

  it('come from TOKEN_SECRETS, the first for new tokens, and nothing is stored', () => {
    expect(secrets({ TOKEN_SECRETS: ` b:${SECRET}:x , a:${SECRET}` })).toEqual([
      { id: 'b', secret: `${SECRET}:x` },
      { id: 'a', secret: SECRET },
    ]);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it.each([
    ['no id', SECRET],
    ['an empty id', `:${SECRET}`],
    ['an id of 17 characters', `${'a'.repeat(17)}:${SECRET}`],
    ['an id that is no word', `a b:${SECRET}`],
    ['a secret of 31 characters', `a:${SECRET.slice(1)}`],
    ['a second pair that is none', `a:${SECRET},${SECRET}`],
    ['a comma at the end', `a:${SECRET},`],
    ['an id twice', `a:${SECRET},a:${SECRET}x`],
  ])('are refused with a sentence that does not repeat them: %s', (_what, text) => {
    let said: unknown;
    try {
      secrets({ TOKEN_SECRETS: text });
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(SettingsError);
    expect((said as SettingsError).mistakes).toEqual([expect.stringMatching(/^TOKEN_SECRETS must .{10,}\.$/)]);
    expect(String((said as Error).stack)).not.toContain(SECRET.slice(1));
  });

  it('are made at the first start, with 256 bits, and kept', () => {
    const [first] = secrets();
    expect(first).toEqual({ id: 'a', secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(secrets()).toEqual([first]);
    expect(secrets({ DATA_DIR: join(dataDir, 'other') })).not.toEqual([first]);
  });

  it('are made up neither in production with a database of its own', () => {
    const shared = { NODE_ENV: 'production', DATABASE_URL: 'postgres://localhost/x' };
    expect(() => secrets(shared)).toThrow(/^TOKEN_SECRETS must be set in production with a DATABASE_URL/);
    expect(readdirSync(dataDir)).toEqual([]);
    expect(secrets({ NODE_ENV: 'production' })).toHaveLength(1);
    expect(secrets({ ...shared, TOKEN_SECRETS: `a:${SECRET}` })).toHaveLength(1);
  });

  it('are stored for their owner alone: the file with mode 600, its folder with mode 700', () => {
    const before = process.umask(0);
    try {
      storedSecret(dataDir, 'name', () => 'secret');
    } finally {
      process.umask(before);
    }
    expect(mode(join(dataDir, 'secrets', 'name'))).toBe('600');
    expect(mode(join(dataDir, 'secrets'))).toBe('700');
  });

  it('that others could read are closed to them when they are read', () => {
    const path = join(dataDir, 'secrets', 'name');
    mkdirSync(join(dataDir, 'secrets'));
    writeFileSync(path, ' from a backup \n');
    chmodSync(path, 0o644);
    expect(storedSecret(dataDir, 'name', () => 'another')).toBe('from a backup');
    expect(mode(path)).toBe('600');
  });

  it('are there whole or not at all, and the first of several processes wins', () => {
    const path = join(dataDir, 'secrets', 'name');
    const secret = storedSecret(dataDir, 'name', () => {
      expect(existsSync(path)).toBe(false);
      writeFileSync(path, 'the other process was faster\n', { mode: 0o600 });
      return 'too late';
    });
    expect(secret).toBe('the other process was faster');
    expect(readFileSync(path, 'utf8')).toBe('the other process was faster\n');
    expect(readdirSync(join(dataDir, 'secrets'))).toEqual(['name']);
  });

  it('leave no draft behind when they can not be made', () => {
    const fail = () => {
      throw new Error('no randomness');
    };
    expect(() => storedSecret(dataDir, 'name', fail)).toThrow('no randomness');
    expect(readdirSync(join(dataDir, 'secrets'))).toEqual([]);
  });
});

describe('the password of the admin pages', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'homing-secrets-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const password = (environment: Record<string, string> = {}) =>
    adminPassword(readSettings({ DATA_DIR: dataDir, ...environment }));

  it('is ADMIN_PASSWORD, which is not stored', () => {
    expect(password({ ADMIN_PASSWORD: 'a password of ours' })).toEqual({
      text: 'a password of ours',
      file: null,
      isNew: false,
    });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('is made once in development, for this user alone to read, and is new only then', () => {
    const file = join(dataDir, 'secrets', 'admin-password');
    const made = password();
    expect(made).toEqual({ text: expect.stringMatching(/^[0-9a-f]{32}$/) as string, file, isNew: true });
    expect(mode(file)).toBe('600');
    expect(password()).toEqual({ ...made, isNew: false });
  });

  it('is none in production where none is set, and nothing is stored', () => {
    expect(password({ NODE_ENV: 'production' })).toBeNull();
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('is refused when it is short, with a sentence that does not repeat it', () => {
    expect(() => password({ ADMIN_PASSWORD: 'short' })).toThrow(
      /^ADMIN_PASSWORD must be a password of 12 to 1000 characters\.$/,
    );
  });
});
