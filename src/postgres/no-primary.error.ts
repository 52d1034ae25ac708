/** None of several servers could be reached and takes writes. It has the SQLSTATE of a connection that could not be made. */
export class NoPrimaryError extends Error {
  readonly code = '08001';

  constructor(reasons: readonly string[]) {
    super(`no server takes writes: ${reasons.join('; ')}`);
    this.name = 'NoPrimaryError';
  }
}
