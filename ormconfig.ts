import { environment } from './src/config/environment.js';
import { readSettings } from './src/config/settings.js';
import { DataSource, dataSourceOptions } from './src/database/data-source.js';
import { resolveDatabase } from './src/database/database.js';

// The data source of the TypeORM command line. It is the service's own: the same options, and the same embedded
// server when there is no DATABASE_URL.
const settings = readSettings(environment());
const database = await resolveDatabase(settings, (line) => process.stderr.write(`${line}\n`));
process.once('beforeExit', () => void database.release());

export default new DataSource(dataSourceOptions(database.url, settings));
