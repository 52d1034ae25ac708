import { Injectable, Module } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import { afterEach, describe, expect, it } from 'vitest';
import { Tenant } from '../../src/access/tenant.decorator.js';
import { Settings } from '../../src/config/config.module.js';
import { ClockStrategy, DatabaseTime } from '../../src/database/clock.strategy.js';
import type { Extension } from '../../src/extension.js';
import { type FramedMessage, StandardFrames } from '../../src/gateway/frame-encoder.js';
import { AccessStrategy, type ApiRequest, type Caller, type Operation } from '../../src/graphql/access-strategy.js';
import { ForbiddenError, UnauthenticatedError } from '../../src/graphql/errors.js';
import { MessagesService } from '../../src/messages/messages.service.js';
import { RecipientTokenStrategy, type TokenContent } from '../../src/recipients/recipient-token.strategy.js';
import { RecipientsService } from '../../src/recipients/recipients.service.js';
import { RecipientClient, UpgradeRefused } from '../support/client.js';
import { oneProcess, queueIsHere } from '../support/host.js';
import { good, Service } from '../support/service.js';

/** What the modules of a team provide for its strategies. */
@Injectable()
class Doormen {
  readonly names: readonly string[] = ['bert'];
}

@Resolver()
class GreetingResolver {
  constructor(private readonly messages: MessagesService) {}

  @Query(() => String)
  async greeting(@Tenant() tenant: string): Promise<string> {
    return `Hello, ${tenant} of ${(await this.messages.list(tenant, {})).items.length}`;
  }
}

@Module({ providers: [Doormen, GreetingResolver], exports: [Doormen] })
class TeamModule {}

@Injectable()
class Doors extends AccessStrategy {
  constructor(private readonly doormen: Doormen) {
    super();
  }

  async authenticate({ headers }: ApiRequest): Promise<Caller> {
    const { doorman } = headers;
    if (!this.doormen.names.includes(String(doorman))) throw new UnauthenticatedError('Who are you?', 'Doorman');
    return { tenant: 'acme' };
  }

  authorize(_caller: Caller, { kind, field }: Operation): void {
    if (kind === 'mutation' && field === 'pushGlobalMessage') throw new ForbiddenError('Not everybody.', 'everybody');
  }
}

/** Tokens that anybody could make: for a test alone. */
class OpenTokens extends RecipientTokenStrategy {
  private made = 0;

  make(content: TokenContent): string {
    return Buffer.from(JSON.stringify({ ...content, number: (this.made += 1) })).toString('base64url');
  }

  read(token: string): TokenContent | null {
    try {
      const { claims, issuedAt, expiresAt } = JSON.parse(Buffer.from(token, 'base64url').toString()) as TokenContent;
      return { claims, issuedAt, expiresAt };
    } catch {
      return null;
    }
  }
}

@Injectable()
class LoudFrames extends StandardFrames {
  constructor(
    private readonly doormen: Doormen,
    settings: Settings,
  ) {
    super(settings);
  }

  override text({ text, global }: FramedMessage): string {
    return `${this.doormen.names[0]}: ${text.toUpperCase()}${global ? '!' : ''}`;
  }
}

/** Fails at some messages. */
class BrittleFrames extends StandardFrames {
  override text({ text }: FramedMessage): string {
    if (text.startsWith('brittle')) throw new Error('It broke');
    return text;
  }
}

/** Throws at what it did not make, and lets recipients in from an address that is none. */
class BrittleTokens extends OpenTokens {
  override read(token: string): TokenContent | null {
    if (token === 'brittle') throw new Error('It broke');
    const content = super.read(token);
    return content && { ...content, claims: { ...content.claims, sourceIp: 'nowhere' } };
  }
}

class InADay extends ClockStrategy {
  readonly expression = `statement_timestamp() + interval '1 day'`;
}

const BERT = { doorman: 'bert' };

describe.runIf(queueIsHere && oneProcess('It stops, breaks or watches a step inside a node.'))(
  'A service with a strategy of a team',
  () => {
    let service: Service;
    const start = async (extension: Extension): Promise<Service> => (service = await Service.startExtended(extension));
    afterEach(() => service.stop());

    it('for access asks that who calls, and what he may do; the fields of the team are there, too', async () => {
      await start({ imports: [TeamModule], access: Doors });
      const ask = (query: string, headers = {}) => service.post(JSON.stringify({ query }), null, headers);
      const refused = await ask('{ greeting }');
      expect(refused).toMatchObject({ status: 401, errors: [{ message: 'Who are you?' }] });
      expect(refused.headers.get('www-authenticate')).toBe('Doorman');
      expect(good(await ask('{ greeting }', BERT))).toEqual({ greeting: 'Hello, acme of 0' });
      const global = await ask('mutation { pushGlobalMessage(input: { message: "x" }) { id } }', BERT);
      expect(global.errors[0]).toMatchObject({ message: 'Not everybody.', extensions: { code: 'FORBIDDEN' } });
    });

    it('for access may be an instance', async () => {
      await start({ access: new Doors(new Doormen()) });
      expect((await service.post('{"query":"{ version }"}', null, BERT)).status).toBe(200);
      expect((await service.post('{"query":"{ version }"}')).status).toBe(401);
    });

    it('for tokens makes and reads them; their end and their revocation are kept all the same', async () => {
      await start({ recipientTokens: OpenTokens });
      const uri = await service.register({ recipient: 'ann', topic: 'news' });
      const token = new URL(uri).searchParams.get('token') ?? '';
      expect(JSON.parse(Buffer.from(token, 'base64url').toString())).toMatchObject({
        claims: { tenant: 'acme', recipient: 'ann', topic: 'news' },
      });
      const ann = await service.connect('ann');
      await service.push('ann', 'Hello');
      expect(await ann.received(1)).toEqual(['Hello']);
      await service.app.get(RecipientsService, { strict: false }).revoke('acme', 'ann');
      expect((await ann.closing()).code).toBe(4403);
      await expect(RecipientClient.connect(uri.replace(token, 'nonsense'))).rejects.toBeInstanceOf(UpgradeRefused);
    });

    it('for frames makes their text, and that of the envelope is ours', async () => {
      await start({ imports: [TeamModule], frames: LoudFrames });
      const ann = await service.connect('ann');
      const bob = await service.connect('bob', { protocols: ['cloudevents.json'] });
      await service.push(['ann', 'bob'], 'one');
      await ann.received(1);
      await service.pushGlobal('two');
      expect(await ann.received(2)).toEqual(['bert: ONE', 'bert: TWO!']);
      expect((await bob.received(2)).map((frame) => (JSON.parse(frame) as { data: string }).data)).toEqual([
        'one',
        'two',
      ]);
    });

    it('for frames keeps a message PENDING that it fails at, and the others go through', async () => {
      await start({ frames: BrittleFrames });
      const ann = await service.connect('ann');
      const bob = await service.connect('bob');
      await service.push(['ann', 'bob'], 'brittle');
      await service.pushGlobal('brittle, too');
      await service.push(['ann', 'bob'], 'sound');
      await service.pushGlobal('sound, too');
      expect((await ann.received(2)).toSorted()).toEqual(['sound', 'sound, too']);
      expect((await bob.received(2)).toSorted()).toEqual(['sound', 'sound, too']);
      expect((await service.messages({ recipient: 'ann' })).find(({ message }) => message === 'brittle')?.status).toBe(
        'PENDING',
      );
    });

    it('for tokens that fails, or gives what is none, lets nobody in', async () => {
      await start({ recipientTokens: BrittleTokens });
      const uri = await service.register({ recipient: 'ann' });
      const token = new URL(uri).searchParams.get('token') ?? '';
      await expect(RecipientClient.connect(uri.replace(token, 'brittle'))).rejects.toMatchObject({ status: 401 });
      await expect(RecipientClient.connect(uri)).rejects.toMatchObject({ status: 403 });
    });

    it.each([
      [
        'throws before it promises',
        () => {
          throw new UnauthenticatedError('Who are you?');
        },
        401,
      ],
      ['fails', () => Promise.reject(new Error('a secret')), 500],
      ['gives nobody', () => Promise.resolve(undefined as unknown as Caller), 500],
      ['gives a tenant that can be none', () => Promise.resolve({ tenant: 'a\u0000b' }), 500],
    ] as const)('for access that %s is told so', async (_, authenticate, status) => {
      await start({ access: { authenticate, authorize: () => undefined } });
      const answer = await service.post('{"query":"{ messages(filter: {}) { items { id } } }"}', null);
      expect(answer.status).toBe(status);
      expect(answer.errors).toHaveLength(1);
      expect(JSON.stringify(answer)).not.toContain('secret');
    });

    it('for the clock dates by that, until a node is given another', async () => {
      await start({ clock: new InADay() });
      const [message] = await service.push('ann', 'tomorrow');
      expect(Date.parse(message?.createdAt ?? '') - Date.now()).toBeGreaterThan(86_000_000);
      const { databaseUrl, namespace } = service.app.get(Settings, { strict: false });
      const same = { DATABASE_URL: databaseUrl ?? '', NAMESPACE: namespace };
      const second = await Service.startExtended({ clock: new DatabaseTime() }, same);
      const [later] = await second.push('ann', 'today');
      expect(Date.parse(later?.createdAt ?? '') - Date.now()).toBeLessThan(60_000);
      await second.stop();
    });
  },
);
