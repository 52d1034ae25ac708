/**
 * Errors of a database that can't be reached, is going down, or does not get to it in time: SQLSTATE classes 08 and 57, a
 * deadlock, a lock that is not free, a server that takes no writes since another has taken over, the network's errors, and the
 * pool's.
 */
const UNREACHABLE =
  /^(?:08\w{3}|57P0\d|57014|40P01|55P03|53300|25006|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN)$/;
const UNREACHABLE_MESSAGE =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|not queryable|Driver not Connected/i;

/** Whether the error says that the database can't be reached, rather than that a statement is wrong. */
export function isUnreachable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === 'string' && UNREACHABLE.test(code)) || UNREACHABLE_MESSAGE.test(error.message);
}
