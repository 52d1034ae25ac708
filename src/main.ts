import { runService } from './run-service.js';

await runService({}, 'npm run --silent cli --');
