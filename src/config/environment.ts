import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';

/** The process's environment, completed by the file `.env` of the current folder where there is one. */
export function environment(): Record<string, string | undefined> {
  return { ...readDotEnv(), ...process.env };
}

function readDotEnv(): Record<string, string> {
  try {
    return parse(readFileSync('.env'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
