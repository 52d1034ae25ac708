import type { SettingValues } from '../config/settings.js';
import { handed } from '../log/log.js';
import { passwordsOf, Scrubber, secretsOf } from '../log/scrubber.js';
import { sentenceOf } from '../log/text-form.js';

/** From now on lines go to the logger of the application as sentences, without what they must not hold. */
export function writeToHost(settings: SettingValues, databaseUrl: string, adminPassword: string | null): void {
  const scrubber = new Scrubber();
  scrubber.hide([
    ...secretsOf(settings),
    ...passwordsOf(databaseUrl),
    ...(adminPassword === null ? [] : [adminPassword]),
  ]);
  handed.form = (line) => scrubber.scrub(sentenceOf(line));
}
