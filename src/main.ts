import { insistOnNode } from './node-version.js';

insistOnNode();
const { runService } = await import('./run-service.js');
await runService({}, 'npm run --silent cli --');
