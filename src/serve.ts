import type { Extension } from './extension.js';

/**
 * Makes this process the service, as `npx homing` does, with what a team adds to it: settings from the environment and `.env`, a server
 * of its own with TLS and the limits of slow and crowded clients, several processes, a log, traces, and an end in order on SIGTERM.
 *
 * @example
 * await serve({ imports: [RemindersModule], access: JwtAccess });
 */
export async function serve(extension: Extension = {}): Promise<void> {
  const { runService } = await import('./run-service.js');
  await runService(extension, 'npx homing');
}
