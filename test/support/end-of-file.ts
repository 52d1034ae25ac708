import { afterAll } from 'vitest';
import { endUncommonProcesses } from './process-host.js';

// Vitest runs this for each file, though the files of a worker share their modules.
afterAll(endUncommonProcesses);
