import { checkServerIdentity, type ConnectionOptions as TlsOptions, type PeerCertificate } from 'node:tls';
import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { databaseServers } from '../config/database-servers.js';
import { Primary } from './primary.js';
import { PrimarySocket } from './primary-socket.js';

/**
 * How node-postgres reaches the database at a URL: as options of a `Client` or a `Pool`, its own or those that TypeORM and BullMQ
 * make. When the URL names several servers, each new connection goes to the one that takes writes.
 */
export function connectionOptions(url: string): ClientConfig {
  const servers = databaseServers(url);
  const [server] = servers;
  if (server === undefined || servers.length === 1) return { connectionString: url };
  const primary = new Primary(servers);
  const { ssl, ...options } = parseIntoClientConfig(server);
  return {
    ...options,
    ...(ssl !== undefined && { ssl: ssl && ofAny(servers, ssl) }),
    stream: () => new PrimarySocket(primary),
  };
}

/** node-postgres expects the certificate of the first server; whichever is connected to shows its own. */
function ofAny(servers: readonly string[], ssl: true | TlsOptions): ClientConfig['ssl'] {
  const hosts = servers.map((server) => parseIntoClientConfig(server).host ?? '');
  const identify = (_host: string, certificate: PeerCertificate): Error | undefined => {
    const mistakes = hosts.map((host) => checkServerIdentity(host, certificate));
    return mistakes.includes(undefined) ? undefined : mistakes[0];
  };
  return { checkServerIdentity: identify, ...(typeof ssl === 'object' && ssl) };
}
