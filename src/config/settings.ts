import { ADMIN_SETTINGS } from './admin-settings.js';
import { API_SETTINGS } from './api-settings.js';
import { DELIVERY_SETTINGS } from './delivery-settings.js';
import { SERVICE_SETTINGS } from './service-settings.js';
import { SettingsError } from './settings.error.js';
import { STORAGE_SETTINGS } from './storage-settings.js';

/** Every setting of the service, in the order in which `.env.example` lists them. */
export const SETTINGS = {
  ...SERVICE_SETTINGS,
  ...STORAGE_SETTINGS,
  ...API_SETTINGS,
  ...DELIVERY_SETTINGS,
  ...ADMIN_SETTINGS,
};

/** The settings of a running service: durations in milliseconds, sizes in bytes. */
export type SettingValues = { readonly [K in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[K]['parse']> };

/**
 * Reads every setting from an environment.
 * @throws SettingsError with a sentence for each mistake, all of them at once.
 */
export function readSettings(environment: Record<string, string | undefined>): SettingValues {
  const mistakes: string[] = [];
  const entries = Object.entries(SETTINGS).map(([key, setting]) => {
    try {
      return [key, setting.parse((environment[setting.name] ?? '').trim() || setting.default)];
    } catch (error) {
      mistakes.push(`${setting.name} must be ${(error as Error).message}.`);
      return [key, undefined];
    }
  });
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return Object.fromEntries(entries) as SettingValues;
}
