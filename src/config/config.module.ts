import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { SettingValues } from './settings.js';

/** The settings as an injectable: `constructor(private readonly settings: Settings)`. */
export abstract class Settings {}
// An interface of the same name gives the injection token its type.
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Settings extends SettingValues {}

/** Gives every module the one `Settings` object. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(settings: SettingValues): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: Settings, useValue: settings }], exports: [Settings] };
  }
}
