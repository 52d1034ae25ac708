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
    if (!connection?.[IN_POSTGRES]) return rest(name, options, kind);
    return tryAgain(createPostgresBackend(name, options as never, kind));
  });
}

/** What BullMQ keeps of the first attempt to reach PostgreSQL. It has no option for another. */
interface Reaching {
  readyPromise: Promise<void> | undefined;
}

/**
 * Lets the back end try again to reach PostgreSQL when that failed, each time that it is asked for something. BullMQ keeps the first
 * failure for good: a queue that met a server with too many clients would be lost until the process ends.
 */
function tryAgain(backend: ReturnType<typeof createPostgresBackend>): ReturnType<typeof createPostgresBackend> {
  const outer = backend as unknown as Reaching & {
    waitUntilReady(): Promise<void>;
    connection?: Reaching & { bootstrap?(): Promise<void> };
  };
  const inner = outer.connection;
  // An application that has the package may have a later BullMQ, made otherwise.
  if (!inner?.bootstrap) return backend;
  const [wait, bootstrap] = [outer.waitUntilReady.bind(outer), inner.bootstrap.bind(inner)];
  outer.waitUntilReady = () => wait().catch((error: unknown) => forget(outer, error));
  inner.bootstrap = () => bootstrap().catch((error: unknown) => forget(inner, error));
  return backend;
}

function forget(reaching: Reaching, error: unknown): never {
  reaching.readyPromise = undefined;
  throw error;
}
