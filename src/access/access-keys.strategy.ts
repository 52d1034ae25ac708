import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { addressGroup } from '../config/address-range.js';
import { Settings } from '../config/config.module.js';
import { DatabaseClock } from '../database/database-clock.js';
import { DATA_SOURCE } from '../database/database.module.js';
import { AccessStrategy, type ApiRequest, type Caller, type Operation } from '../graphql/access-strategy.js';
import { ForbiddenError, RateLimitedError, UnauthenticatedError, UnavailableError } from '../graphql/errors.js';
import { clientAddress } from '../http/client-address.js';
import { LogThrottle } from '../log/log-throttle.js';
import { AccessKey } from './access-key.entity.js';
import { allows, SCOPE_SERVICE } from './scope.js';
import { type KeyText, matchesHash, parseKey } from './key-text.js';
import { RateBuckets } from '../http/rate-buckets.js';
import { requestIdOf } from '../http/request-id.js';
import { Log } from '../log/log.js';

/** A caller that showed a valid access key. */
export interface KeyCaller extends Caller {
  readonly scopes: readonly string[];
}

// Revocation must be effective within 5 s on every node; until then a key need not be read again.
const CACHE_TIME = 3_000;
const CACHE_SIZE = 10_000;
const LAST_USED_STEP = 60_000;
const FAILURES_WARNING_STEP = 60_000;
const DATABASE_WARNING_STEP = 1_000;

/** Knows callers by the access key in the header `x-api-key`, and lets them do what its scopes say. */
@Injectable()
export class AccessKeysStrategy extends AccessStrategy<KeyCaller> {
  private readonly log = new Log(AccessKeysStrategy.name);
  private readonly cache = new Map<string, { readonly key: AccessKey; readonly readAt: number }>();
  /** The failed attempts of each address. */
  private readonly failures: RateBuckets;
  private readonly failureWarnings = new LogThrottle(FAILURES_WARNING_STEP);
  private readonly databaseWarnings = new LogThrottle(DATABASE_WARNING_STEP);

  constructor(
    @InjectRepository(AccessKey, DATA_SOURCE) private readonly keys: Repository<AccessKey>,
    private readonly clock: DatabaseClock,
    private readonly settings: Settings,
  ) {
    super();
    this.failures = new RateBuckets(settings.failedKeyRate / 60, settings.failedKeyRate);
  }

  async authenticate(request: ApiRequest): Promise<KeyCaller> {
    const header = request.headers['x-api-key'];
    if (header === undefined || header === '')
      throw new UnauthenticatedError('An access key is needed in the header x-api-key.');
    const text = typeof header === 'string' ? parseKey(header.trim()) : null;
    const address = addressGroup(clientAddress(request, this.settings));
    // Whoever guesses must not lock out the others behind the same address: what was good here before is looked at all the same.
    if (this.failures.wait(address) > 0 && !(text && this.hasSeen(text))) throw this.tooManyFailures(address, request);
    const key = text && (await this.find(text.prefix, request));
    const now = this.clock.now();
    const mistake = findMistake(text, key, now);
    if (!key || mistake !== null) {
      // Many may have been on their way at once.
      if (!this.failures.take(address)) throw this.tooManyFailures(address, request);
      throw new UnauthenticatedError(`The access key ${mistake}.`);
    }
    this.noteUse(key, now, request);
    return { tenant: key.tenant, scopes: key.scopes };
  }

  authorize({ scopes }: KeyCaller, { kind, field }: Operation): void {
    const needed = `${SCOPE_SERVICE}:${kind}:${field}`;
    if (!allows(scopes, needed)) throw new ForbiddenError(`The access key lacks the scope ${needed}.`, needed);
  }

  private tooManyFailures(address: string, request: ApiRequest): RateLimitedError {
    if (this.failureWarnings.isDue())
      this.log.write(
        'keys.guessed',
        `Requests from ${address} bear access keys that are not valid, and are refused for a while`,
        { requestId: requestIdOf(request), address },
      );
    return new RateLimitedError('requests with an access key that is not valid', this.failures.wait(address) || 1);
  }

  /** Whether this very key was read lately. */
  private hasSeen({ prefix, secret }: KeyText): boolean {
    const cached = this.cache.get(prefix);
    return cached !== undefined && matchesHash(secret, cached.key.hash);
  }

  private async find(prefix: string, request: ApiRequest): Promise<AccessKey | null> {
    const cached = this.cache.get(prefix);
    if (cached && performance.now() - cached.readAt < CACHE_TIME) return cached.key;
    const readAt = performance.now();
    const key = await this.keys.findOneBy({ prefix }).catch((error: unknown) => {
      if (this.databaseWarnings.isDue())
        this.log.write('keys.unreadable', 'An access key could not be read', {
          requestId: requestIdOf(request),
          error,
        });
      throw new UnavailableError();
    });
    if (this.cache.size >= CACHE_SIZE) this.cache.clear();
    if (key) this.cache.set(prefix, { key, readAt });
    else this.cache.delete(prefix);
    return key;
  }

  /** Keeps `lastUsedAt` to the minute, at one statement a minute and key. */
  private noteUse(key: AccessKey, now: number, request: ApiRequest): void {
    if (key.lastUsedAt && now - key.lastUsedAt.getTime() < LAST_USED_STEP) return;
    key.lastUsedAt = new Date(now);
    this.keys.update({ id: key.id }, { lastUsedAt: key.lastUsedAt }).catch((error: unknown) => {
      const requestId = requestIdOf(request);
      this.log.write('keys.unnoted', `The last use of access key ${key.prefix} could not be noted`, {
        requestId,
        error,
      });
    });
  }
}

/** What is wrong with a key, or null. */
function findMistake(text: KeyText | null, key: AccessKey | null, now: number): string | null {
  if (!text || !key || !matchesHash(text.secret, key.hash)) return 'is not known';
  if (key.revokedAt) return 'was revoked';
  return key.expiresAt && key.expiresAt.getTime() <= now ? 'has expired' : null;
}
