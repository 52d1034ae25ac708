import { createPostgresBackend, getDefaultBackendFactory, setDefaultBackendFactory } from 'bullmq';

const IN_POSTGRES = Symbol('a connection to PostgreSQL');

type BackendFactory = ReturnType<typeof getDefaultBackendFactory>;

/** Marks the connection of queues that are kept in PostgreSQL. */
export function inPostgres<Connection extends object>(connection: Connection): Connection {
  return Object.assign(connection, { [IN_POSTGRES]: true });
}

let others: BackendFactory | undefined;

/**
 * Lets queues with such a connection be made in PostgreSQL. BullMQ, and Nest's module for it, know one back end for a whole process; an
 * application beside the service may have queues of its own, which stay where they are.
 */
export function knowPostgres(): void {
  if (others) return;
  others = getDefaultBackendFactory();
  const rest = others;
  setDefaultBackendFactory((name, options, kind) => {
    const { connection } = options as { readonly connection?: Partial<Record<typeof IN_POSTGRES, boolean>> };
    return connection?.[IN_POSTGRES] ? createPostgresBackend(name, options as never, kind) : rest(name, options, kind);
  });
}
