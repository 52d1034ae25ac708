import type { Extension } from '../extension.js';

/** How the service is mounted in an application. */
export interface HomingOptions extends Extension {
  /**
   * Below which path of the application's server it is reached, `/homing` by default: `/homing/graphql`, `wss://…/homing/?token=…`,
   * `/homing/admin`. It is not the root, where the application's own routes are.
   */
  readonly path?: string;
  /**
   * Its settings, by the names of the README. Nothing is read from the environment or from `.env` but NODE_ENV, since names such as
   * DATABASE_URL may mean the application's own there. Undefined is the default.
   */
  readonly settings?: Readonly<Record<string, string | undefined>>;
}
