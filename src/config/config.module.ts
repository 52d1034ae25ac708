import { type DynamicModule, Global, Module } from '@nestjs/common';
import { MountPath } from './mount-path.js';
import { NodeId } from './node-id.js';
import type { TokenSecret } from './secrets.js';
import type { SettingValues } from './settings.js';

/** The settings as an injectable: `constructor(private readonly settings: Settings)`. They hold passwords: they are not for a log. */
export abstract class Settings {}
// An interface of the same name gives the injection token its type.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Settings extends SettingValues {}

/** The secrets that seal tokens, the one for new tokens first. */
export class TokenSecrets {
  constructor(readonly all: readonly TokenSecret[]) {}
}

/** Gives every module the one `Settings` object, the secrets, the id of this node, and where it is reached. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(
    settings: SettingValues,
    secrets: readonly TokenSecret[],
    node = new NodeId(),
    mountPath = new MountPath(),
  ): DynamicModule {
    return {
      module: ConfigModule,
      providers: [
        { provide: Settings, useValue: settings },
        { provide: TokenSecrets, useValue: new TokenSecrets(secrets) },
        { provide: NodeId, useValue: node },
        { provide: MountPath, useValue: mountPath },
      ],
      exports: [Settings, TokenSecrets, NodeId, MountPath],
    };
  }
}
