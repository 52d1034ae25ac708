import type { IncomingHttpHeaders } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { DatabaseClock } from '../database/database-clock.js';
import { Authenticator, type Caller } from '../graphql/authenticator.js';
import { UnauthenticatedError, UnavailableError } from '../graphql/errors.js';
import { AccessKey } from './access-key.entity.js';
import { matchesHash, parseKey } from './key-text.js';

/** A caller that showed a valid access key. */
export interface KeyCaller extends Caller {
  readonly scopes: readonly string[];
}

// Revocation must be effective within 5 s on every node; until then a key need not be read again.
const CACHE_TIME = 3_000;
const CACHE_SIZE = 10_000;
const LAST_USED_STEP = 60_000;

/** Knows callers by the header `x-api-key`. */
@Injectable()
export class AccessKeyAuthenticator extends Authenticator {
  private readonly logger = new Logger(AccessKeyAuthenticator.name);
  private readonly cache = new Map<string, { readonly key: AccessKey; readonly readAt: number }>();

  constructor(
    @InjectRepository(AccessKey) private readonly keys: Repository<AccessKey>,
    private readonly clock: DatabaseClock,
  ) {
    super();
  }

  async authenticate(headers: IncomingHttpHeaders): Promise<KeyCaller> {
    const header = headers['x-api-key'];
    if (header === undefined || header === '')
      throw new UnauthenticatedError('An access key is needed in the header x-api-key.');
    const text = typeof header === 'string' ? parseKey(header.trim()) : null;
    const key = text && (await this.find(text.prefix));
    if (!text || !key || !matchesHash(text.secret, key.hash))
      throw new UnauthenticatedError('The access key is not known.');
    const now = this.clock.now();
    if (key.revokedAt) throw new UnauthenticatedError('The access key was revoked.');
    if (key.expiresAt && key.expiresAt.getTime() <= now) throw new UnauthenticatedError('The access key has expired.');
    this.noteUse(key, now);
    return { tenant: key.tenant, scopes: key.scopes };
  }

  private async find(prefix: string): Promise<AccessKey | null> {
    const cached = this.cache.get(prefix);
    if (cached && performance.now() - cached.readAt < CACHE_TIME) return cached.key;
    const readAt = performance.now();
    const key = await this.keys.findOneBy({ prefix }).catch((error: unknown) => {
      this.logger.warn(`An access key could not be read: ${(error as Error).message}`);
      throw new UnavailableError();
    });
    if (this.cache.size >= CACHE_SIZE) this.cache.clear();
    if (key) this.cache.set(prefix, { key, readAt });
    else this.cache.delete(prefix);
    return key;
  }

  /** Keeps `lastUsedAt` to the minute, at one statement a minute and key. */
  private noteUse(key: AccessKey, now: number): void {
    if (key.lastUsedAt && now - key.lastUsedAt.getTime() < LAST_USED_STEP) return;
    key.lastUsedAt = new Date(now);
    this.keys.update({ id: key.id }, { lastUsedAt: key.lastUsedAt }).catch((error: unknown) => {
      this.logger.warn(`The last use of access key ${key.prefix} could not be noted: ${(error as Error).message}`);
    });
  }
}
