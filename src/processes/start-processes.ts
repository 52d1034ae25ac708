import type { SettingValues } from '../config/settings.js';
import { resolveDatabase } from '../database/database.js';
import type { Say } from '../say.js';
import type { RunningService } from '../start.js';
import { Processes } from './processes.js';

/**
 * Starts the service as `PROCESSES` processes that share a port. This one serves nobody: it has the embedded database, and
 * starts anew what ends. When it ends itself, however that comes about, so do the others.
 */
export async function startProcesses(settings: SettingValues, say: Say): Promise<RunningService> {
  const database = await resolveDatabase(settings, say);
  const processes = new Processes(settings.processes, { url: database.url, embedded: database.embedded }, say);
  // One that hangs would not notice that it is alone.
  process.once('exit', () => processes.kill());
  try {
    await processes.start();
  } catch (error) {
    processes.kill();
    await database.release();
    throw error;
  }
  return {
    stop: async () => {
      if (!(await processes.stop())) process.exitCode = 1;
      await database.release();
    },
  };
}
