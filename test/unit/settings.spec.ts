import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../src/config/command-line.js';
import { SettingsError } from '../../src/config/settings.error.js';
import { readSettings, SETTINGS } from '../../src/config/settings.js';

function mistakes(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.mistakes;
  }
}

const ALL = Object.values(SETTINGS);
/** Settings that take any text. */
const TEXTS = ['HOST', 'METRICS_HOST', 'DATA_DIR', 'TLS_CERT_FILE', 'TLS_KEY_FILE'];

describe('the settings', () => {
  it('have sane defaults, each as .env.example lists it', () => {
    const example = readFileSync('.env.example', 'utf8');
    for (const setting of ALL) {
      expect(mistakes({ [setting.name]: setting.default }), setting.name).toEqual([]);
      expect(example).toContain(`${setting.name}=${setting.default}`);
    }
    expect(readSettings({})).toMatchObject({
      port: 3_000,
      tokenTtl: 7 * 86_400_000,
      maxMessageBytes: 65_536,
      maxRecipients: 10_000,
      maxBodyBytes: 8 * 1_048_576,
      messageRetention: 30 * 86_400_000,
      databaseUrl: null,
      redisUrl: null,
      trustedProxies: [],
    });
  });

  it('that are empty or white space mean the default, and what surrounds a value does not count', () => {
    expect(readSettings({ PORT: '', TOKEN_TTL: '  ', REDIS_URL: ' ', HOST: ' ::1 ' })).toMatchObject({
      port: 3_000,
      tokenTtl: 7 * 86_400_000,
      redisUrl: null,
      host: '::1',
    });
  });

  it('take no NAMESPACE whose schema PostgreSQL or another installation has', () => {
    for (const namespace of ['homing', 'Acme_2', '_', 'n'.repeat(40), 'queue'])
      expect(mistakes({ NAMESPACE: namespace }), namespace).toEqual([]);
    for (const namespace of [
      'public',
      'pg_acme',
      'information_schema',
      'acme_queue',
      'n'.repeat(41),
      '2',
      'a-b',
      'a"b',
    ])
      expect(mistakes({ NAMESPACE: namespace }), namespace).toHaveLength(1);
  });

  it('that nobody knows are left alone', () => {
    expect(mistakes({ NONSENSE: '1', port: 'x', __proto__: 'x' })).toEqual([]);
  });

  it('say all their mistakes at once, a sentence each that names the setting', () => {
    const checked = ALL.map(({ name }) => name).filter((name) => !TEXTS.includes(name));
    const said = mistakes(Object.fromEntries(ALL.map(({ name }) => [name, '!'])));
    expect(said).toHaveLength(checked.length);
    for (const [i, sentence] of said.entries())
      expect(sentence).toMatch(new RegExp(`^${checked[i]} must be .{10,}\\.$`));
  });

  it('never repeat a value, which may be a secret', () => {
    const secret = 'S3cr3t-pa55w0rd';
    for (const value of [secret, `mysql://user:${secret}@host/db`, `${secret}://x`, `1.2.3.4,${secret}`]) {
      const environment = Object.fromEntries(ALL.map(({ name }) => [name, value]));
      const said = mistakes(environment);
      expect(said.length).toBeGreaterThan(20);
      expect(said.join('\n')).not.toContain(secret);
    }
  });

  describe.each([
    ['PORT', ['0', '65535', '0080'], ['65536', '-1', '1.5', '1e3', '0x50', 'http', '١', '3000 3001']],
    ['DATABASE_POOL_SIZE', ['2', '1000'], ['1', '1001']],
    ['MAX_RECIPIENTS', ['1', '100000'], ['0', '100001', '10,000', '10_000']],
    ['MAX_QUERY_ALIASES', ['0', '10000'], ['10001', '-0']],
    [
      'TOKEN_TTL',
      ['0', '0s', '1ms', '90m', '1.5h', '36500d', '7 d'],
      ['7', '-1d', '36501d', '1w', '7D', 'd', '1d1h', 'Infinity', 'NaN'],
    ],
    ['PING_INTERVAL', ['100ms', '0.1s', '30s', '30000ms'], ['99ms', '30001ms', '0', '1m']],
    ['MESSAGE_RETENTION', ['1m', '60s'], ['59s', '0']],
    [
      'MAX_MESSAGE_SIZE',
      ['1B', '0.5KiB', '1MiB', '1024KiB'],
      ['0', '64', '1025KiB', '64KB', '64kib', '64K', '-1B', '1e3B'],
    ],
    ['MAX_BUFFERED', ['128KiB', '1GiB'], ['127KiB', '1.1GiB']],
    ['NODE_ENV', ['development', 'test', 'production'], ['Production', 'prod', 'toString', 'constructor']],
    ['ROLES', ['api', 'worker,gateway', ' api , api '], [',', 'api,', 'all', 'api;worker', 'API', 'api,web']],
    ['PROCESSES', ['1', '256', 'auto'], ['0', '257', '1.5', 'all', 'AUTO']],
    ['LOG_LEVEL', ['debug', 'fatal'], ['verbose', 'WARN']],
    [
      'PUBLIC_URL',
      ['https://push.example.com', 'http://localhost:3000', 'https://push.example.com/', 'http://[::1]:3000'],
      [
        'push.example.com',
        'ws://x',
        'https://',
        'https:/x',
        '//x',
        'javascript:x',
        'https://x/homing',
        'https://x?a',
        'https://x#',
        'https://u:p@x',
        'https://x:65536',
        'https://[::1',
        'https://a b',
      ],
    ],
    [
      'NAMESPACE',
      ['homing', '_', 'Homing_2', 'a'.repeat(40)],
      ['my-app', '2homing', 'a b', 'ä', 'a.b', 'a'.repeat(41)],
    ],
    [
      'TOKEN_SECRETS',
      ['a:0123456789abcdef0123456789abcdef'],
      ['a:short', 'a:0123456789abcdef0123456789abcdef,a:0123456789abcdef0123456789abcdef'],
    ],
    [
      'DATABASE_URL',
      [
        'postgres://u:p@h/d',
        'postgresql://h/d',
        'postgres://u:a,b@h1:5432,h2/d?target_session_attrs=read-write',
        'postgres://u:p@[::1]:5433,[::2]/d?sslmode=verify-full&target_session_attrs=primary',
      ],
      [
        'mysql://h/d',
        'postgres:h',
        'host=h',
        'postgres://h1,/d',
        'postgres://h1:5432,h2:x/d',
        'postgres://h1,h2/d?target_session_attrs=standby',
      ],
    ],
    ['REDIS_URL', ['redis://h', 'rediss://h:6380'], ['http://h', 'h:6379', 'unix:///x']],
    [
      'TRUSTED_PROXIES',
      ['127.0.0.1', '10.0.0.0/8, ::1 ,', '2001:db8::/32', ','],
      ['localhost', '10.0.0.0/33', '10.0.0', '10.0.0.1;10.0.0.2', '::1/129', '10.0.0.0/8/8'],
    ],
  ])('%s', (name, good, bad) => {
    it.each(good)('can be %s', (value) => {
      expect(mistakes({ [name]: value })).toEqual([]);
    });

    it.each(bad)('can not be %s', (value) => {
      const said = mistakes({ [name]: value });
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(new RegExp(`^${name} must be `));
    });
  });

  it('name roles in one order, each once', () => {
    expect(readSettings({ ROLES: 'worker, api,worker' }).roles).toEqual(['api', 'worker']);
  });

  it('can be given as an argument, as far as it is --processes', () => {
    expect(commandLine(['--processes', '4'])).toEqual({ PROCESSES: '4' });
    expect(commandLine([])).toEqual({});
    for (const args of [['--processes'], ['--port', '1'], ['4'], ['--processes', '4', '5']])
      expect(() => commandLine(args)).toThrow(SettingsError);
  });

  it('are read in milliseconds and bytes', () => {
    expect(
      readSettings({ TOKEN_TTL: '1.5h', DRAIN_TIME: '250ms', MAX_MESSAGE_SIZE: '0.5KiB', MAX_BODY_SIZE: '1MiB' }),
    ).toMatchObject({ tokenTtl: 5_400_000, drainTime: 250, maxMessageBytes: 512, maxBodyBytes: 1_048_576 });
  });
});
