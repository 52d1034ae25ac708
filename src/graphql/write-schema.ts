import { writeFileSync } from 'node:fs';
import { printApiSchema } from './print-schema.js';

writeFileSync('schema.graphql', await printApiSchema());
