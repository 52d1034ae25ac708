import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';

/** The same connection, on which names of tables mean those of this schema and of no other. */
export function inSchema({ connectionString, ...more }: ClientConfig, schema: string): ClientConfig {
  // What a connection string says goes before all that stands beside it, and one may have options of its own.
  const given = connectionString === undefined ? more : { ...more, ...parseIntoClientConfig(connectionString) };
  return { ...given, options: [given.options, `-c search_path="${schema}"`].filter(Boolean).join(' ') };
}
