import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { SettingsError } from './settings.error.js';

/** The process's environment, completed by the file `.env` of the current folder where there is one. @throws SettingsError when it can't be read. */
export function environment(): Record<string, string | undefined> {
  return { ...readDotEnv(), ...process.env };
}

function readDotEnv(): Record<string, string> {
  try {
    return parse(readFileSync('.env'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new SettingsError([`.env must be a file that this user can read (${code}).`]);
  }
}
