import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { checkTenant } from '../config/tenant.js';
import { DatabaseClock } from '../database/database-clock.js';
import { DATA_SOURCE } from '../database/database.module.js';
import { AccessKey } from './access-key.entity.js';
import { hashSecret, makeKey } from './key-text.js';
import { parseScopes } from './scope.js';

/** What a new key is for. */
export interface NewAccessKey {
  readonly tenant: string;
  readonly name: string;
  /** Scopes, separated by spaces. */
  readonly scope: string;
  /** How long it is valid, in milliseconds; for ever when left out. */
  readonly expiresIn?: number;
}

/** A key just made. Its text is shown this once and stored nowhere. */
export interface CreatedAccessKey {
  readonly key: string;
  readonly accessKey: AccessKey;
}

/** Makes, lists, shows, revokes and rotates access keys. The commands `access-key` are made of it. */
@Injectable()
export class AccessKeysService {
  constructor(
    @InjectRepository(AccessKey, DATA_SOURCE) private readonly keys: Repository<AccessKey>,
    private readonly clock: DatabaseClock,
  ) {}

  /** @throws Error with a sentence when the tenant, the name or a scope can't be used. */
  async create({ scope, ...key }: NewAccessKey): Promise<CreatedAccessKey> {
    return this.store({ ...key, scopes: parseScopes(scope) });
  }

  /** All keys, or those of a tenant, the newest first. */
  list(tenant?: string): Promise<AccessKey[]> {
    return this.keys.find({
      where: tenant === undefined ? {} : { tenant },
      order: { createdAt: 'DESC', prefix: 'ASC' },
    });
  }

  /** Whether any key was ever made. */
  async anyExists(): Promise<boolean> {
    return (await this.keys.count({ take: 1 })) > 0;
  }

  /** Revokes a key by its prefix; every node refuses it within 5 s. @throws Error when there is no such key. */
  async revoke(prefix: string): Promise<AccessKey> {
    await this.keys.update({ prefix, revokedAt: IsNull() }, { revokedAt: new Date(this.clock.now()) });
    return this.get(prefix);
  }

  /**
   * Makes a successor with the same tenant, name, scopes and lifetime; the old key works for `overlap` milliseconds more.
   * @throws Error when there is no such key, or it was revoked, or has expired.
   */
  async rotate(prefix: string, overlap: number): Promise<CreatedAccessKey> {
    const old = await this.get(prefix);
    if (old.revokedAt) throw new Error(`The access key with the prefix ${prefix} was revoked. Make a new one.`);
    const now = this.clock.now();
    if (old.expiresAt && old.expiresAt.getTime() <= now)
      throw new Error(`The access key with the prefix ${prefix} has expired. Make a new one.`);
    const lifetime = old.expiresAt && { expiresIn: old.expiresAt.getTime() - old.createdAt.getTime() };
    const successor = await this.store({ ...old, ...lifetime });
    const end = now + overlap;
    await this.keys.update({ prefix }, { expiresAt: new Date(Math.min(end, old.expiresAt?.getTime() ?? end)) });
    return successor;
  }

  /** One key, by its prefix. @throws Error when there is no such key. */
  async get(prefix: string): Promise<AccessKey> {
    const key = await this.keys.findOneBy({ prefix });
    // Whoever gives the whole key must not find its secret in a log.
    if (!key)
      throw new Error(
        `There is no access key with the prefix ${/^\w{1,20}$/.test(prefix) ? prefix : 'that was given'}.`,
      );
    return key;
  }

  private async store({
    tenant,
    name,
    scopes,
    expiresIn,
  }: Omit<NewAccessKey, 'scope'> & Pick<AccessKey, 'scopes'>): Promise<CreatedAccessKey> {
    checkTenant(tenant);
    if (name.length < 1 || name.length > 100) throw new Error('A name is 1 to 100 characters long.');
    // It is shown in a terminal, which they could steer.
    if (/[\p{Cc}\p{Cf}]/u.test(name)) throw new Error('The name must not contain control characters.');
    const { prefix, secret, text } = makeKey();
    const now = this.clock.now();
    const accessKey = await this.keys.save({
      prefix,
      hash: hashSecret(secret),
      tenant,
      name,
      scopes,
      createdAt: new Date(now),
      expiresAt: expiresIn === undefined ? null : new Date(now + expiresIn),
      revokedAt: null,
      lastUsedAt: null,
    });
    return { key: text, accessKey };
  }
}
