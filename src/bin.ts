#!/usr/bin/env node
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { insistOnNode } from './node-version.js';

insistOnNode();
const program = fileURLToPath(import.meta.url);

/** How this program is called here, as people type it: by npm where it is installed in this folder, and by its path where npm keeps it for a while. */
function commands(): string {
  if (program.startsWith(join(process.cwd(), 'node_modules') + sep)) return 'npx homing';
  return program.includes(`${sep}_npx${sep}`) ? `node '${program}'` : 'homing';
}

const [command] = process.argv.slice(2);
if (command === undefined || command.startsWith('--processes')) {
  const { runService } = await import('./run-service.js');
  await runService({}, commands());
} else await import('./cli/main.js');
