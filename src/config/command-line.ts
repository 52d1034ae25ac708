import { parseArgs } from 'node:util';
import { SettingsError } from './settings.error.js';

/** The settings that are given as arguments, by the names of their variables. @throws SettingsError when there are others. */
export function commandLine(args: readonly string[]): Record<string, string> {
  try {
    const { processes } = parseArgs({ args: [...args], options: { processes: { type: 'string' } } }).values;
    return processes === undefined ? {} : { PROCESSES: processes };
  } catch {
    throw new SettingsError(['The only argument is --processes, with a number or auto. All else is a setting.']);
  }
}
