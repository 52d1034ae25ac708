import type { SettingValues } from '../config/settings.js';
import { handed } from '../log/log.js';
import { Scrubber, secretsOf } from '../log/scrubber.js';
import { sentenceOf } from '../log/text-form.js';

/** One for the process, as the log is: several services hide each other's secrets. */
const scrubber = new Scrubber();

/** From now on lines go to the logger of the application as sentences, without the secrets of the settings and what is hidden later. */
export function writeToHost(settings: SettingValues): Scrubber {
  scrubber.hide(secretsOf(settings));
  handed.form = (line) => scrubber.scrub(sentenceOf(line));
  return scrubber;
}
