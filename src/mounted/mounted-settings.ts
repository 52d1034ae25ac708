import { SettingsError } from '../config/settings.error.js';
import { readSettings, SETTINGS, type SettingValues } from '../config/settings.js';
import type { HomingOptions } from './homing-options.js';

/** What is the application's to decide: its server, its log, its process. */
const NOT_OURS = [
  'PORT',
  'HOST',
  'TLS_CERT_FILE',
  'TLS_KEY_FILE',
  'PROCESSES',
  'SHUTDOWN_DELAY',
  'STOP_TIMEOUT',
  'LOG_LEVEL',
  'LOG_FORMAT',
  'LOG_BUFFER',
];
const PATH_FORM = /^(?:\/[A-Za-z0-9._~-]+)+$/;

/** The settings of a mounted service. @throws SettingsError when there are others, or one can't be used */
export function mountedSettings({ settings = {} }: HomingOptions): SettingValues {
  const known = new Set(Object.values(SETTINGS).map(({ name }) => name));
  const mistakes = Object.keys(settings).flatMap((name) => {
    if (NOT_OURS.includes(name)) return [`${name} is decided by the application in which the service is mounted.`];
    return known.has(name) ? [] : [`There is no setting ${name}.`];
  });
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return readSettings({ NODE_ENV: process.env['NODE_ENV'], ...settings });
}

/** The path of a mounted service. @throws SettingsError when it can't be used */
export function mountedPath({ path = '/homing' }: HomingOptions): string {
  if (!PATH_FORM.test(path)) throw new SettingsError([`The path must be one such as /homing, not "${path}".`]);
  return path;
}
