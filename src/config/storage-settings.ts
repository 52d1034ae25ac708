import { parseTokenSecrets, type TokenSecret } from './secrets.js';
import { duration, integer, matching, optionalDatabaseUrl, optionalUrl, text, type Setting } from './setting.js';

/** What nodes keep and share: the database, Redis, and the secrets of tokens. In the order of `.env.example`. */
export const STORAGE_SETTINGS = {
  dataDir: text({
    name: 'DATA_DIR',
    default: './data',
    description: 'The folder of the embedded database and of the secrets that were made.',
  }),
  databaseUrl: optionalDatabaseUrl({
    name: 'DATABASE_URL',
    description:
      'A PostgreSQL server (14 or later), or several (postgres://user:password@one,two/database), of which the one that takes writes is used. Without it an embedded one runs, its data in DATA_DIR.',
  }),
  databasePoolSize: integer(
    {
      name: 'DATABASE_POOL_SIZE',
      default: '10',
      description: 'Connections to the database for each process. At most a quarter of them reads pages of queries.',
    },
    2,
    1_000,
  ),
  redisUrl: optionalUrl(
    {
      name: 'REDIS_URL',
      description: 'Redis or Valkey for the queue and the signals between nodes. Without it both use PostgreSQL.',
    },
    ['redis', 'rediss'],
  ),
  namespace: matching(
    {
      name: 'NAMESPACE',
      default: 'homing',
      description:
        'Begins every key and channel, and names the schema of the tables (public for homing): it keeps installations apart.',
    },
    // PostgreSQL keeps some names of schemas for itself, and the queue of another installation has one that ends in _queue.
    /^(?!pg_|public$|information_schema$|.*_queue$)[A-Za-z_][A-Za-z0-9_]{0,39}$/i,
    'a word of 1 to 40 letters, digits and _ that begins with no digit, and not public, pg_... or ..._queue',
  ),

  tokenSecrets: {
    name: 'TOKEN_SECRETS',
    default: '',
    description:
      'Secrets with their ids, such as "b:NEW,a:OLD". The first one seals new tokens, all of them open. Without it one is made in DATA_DIR.',
    parse: (value) => (value === '' ? [] : parseTokenSecrets(value)),
  } satisfies Setting<readonly TokenSecret[]>,
  tokenTtl: duration(
    {
      name: 'TOKEN_TTL',
      default: '7d',
      description:
        'How long a recipient token can open connections; 0 for ever. Made shorter, it ends tokens that were made before. Who makes it longer again changes TOKEN_SECRETS too: a revocation is kept for one TOKEN_TTL.',
    },
    '0',
    '36500d',
  ),
} satisfies Record<string, Setting<unknown>>;
