import type { SettingValues } from '../config/settings.js';
import { handed } from '../log/log.js';
import { Scrubber, secretsOf } from '../log/scrubber.js';
import { sentenceOf } from '../log/text-form.js';

/** From now on lines go to the logger of the application as sentences, without the secrets of the settings and what is hidden later. */
export function writeToHost(settings: SettingValues): Scrubber {
  const scrubber = new Scrubber();
  scrubber.hide(secretsOf(settings));
  handed.form = (line) => scrubber.scrub(sentenceOf(line));
  return scrubber;
}
