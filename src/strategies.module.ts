import { type DynamicModule, Global, Module, type Provider, type Type } from '@nestjs/common';
import { AccessKeysStrategy } from './access/access-keys.strategy.js';
import { AccessKeysModule } from './access/access-keys.module.js';
import type { Extension, Strategy } from './extension.js';
import { FrameEncoder, StandardFrames } from './gateway/frame-encoder.js';
import { AccessStrategy } from './graphql/access-strategy.js';
import { RecipientTokenStrategy } from './recipients/recipient-token.strategy.js';
import { SealedTokens } from './recipients/sealed-tokens.js';

/** Puts a strategy behind each injection token: that of the extension, or the service's own. */
@Global()
@Module({})
export class StrategiesModule {
  static forRoot({ imports = [], access, recipientTokens, frames }: Extension): DynamicModule {
    const providers = [
      access === undefined
        ? { provide: AccessStrategy, useExisting: AccessKeysStrategy }
        : provider(AccessStrategy, access),
      provider(RecipientTokenStrategy, recipientTokens ?? SealedTokens),
      provider(FrameEncoder, frames ?? StandardFrames),
    ];
    return {
      module: StrategiesModule,
      imports: [AccessKeysModule, ...imports],
      providers,
      exports: [AccessStrategy, RecipientTokenStrategy, FrameEncoder],
    };
  }
}

function provider<T>(token: abstract new (...args: never[]) => T, strategy: Strategy<T>): Provider {
  return typeof strategy === 'function'
    ? { provide: token, useClass: strategy as Type<T> }
    : { provide: token, useValue: strategy };
}
