/** The settings can't be used. Each mistake is one sentence that names the setting; none repeats a value that may be secret. */
export class SettingsError extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.name = 'SettingsError';
  }
}
