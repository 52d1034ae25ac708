import {
  AccessStrategy,
  type ApiRequest,
  type Caller,
  ForbiddenError,
  type Operation,
  UnauthenticatedError,
} from 'homing';
import { jwtVerify } from 'jose';

/** A caller whose token we signed. */
export interface JwtCaller extends Caller {
  /** Such as `mutation:pushMessage`. */
  readonly permissions: readonly string[];
}

/** Knows callers by a JWT in `Authorization: Bearer …`, signed with HS256, instead of by access keys. */
export class JwtAccess extends AccessStrategy<JwtCaller> {
  private readonly secret: Uint8Array;

  constructor(secret: string) {
    super();
    if (secret.length < 32) throw new Error('JWT_SECRET must have 32 characters or more.');
    this.secret = new TextEncoder().encode(secret);
  }

  async authenticate({ headers }: ApiRequest): Promise<JwtCaller> {
    const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
    const claims = await jwtVerify(token, this.secret, { algorithms: ['HS256'] }).then(
      ({ payload }) => payload,
      () => null,
    );
    const { tenant, permissions } = claims ?? {};
    if (typeof tenant !== 'string' || !Array.isArray(permissions))
      throw new UnauthenticatedError('A valid JWT is needed in the header Authorization.', 'Bearer');
    return { tenant, permissions: permissions as string[] };
  }

  authorize({ permissions }: JwtCaller, { kind, field }: Operation): void {
    const needed = `${kind}:${field}`;
    if (!permissions.includes(needed)) throw new ForbiddenError(`Your token lacks the permission ${needed}.`, needed);
  }
}
