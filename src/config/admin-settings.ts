import { duration, integer, oneOf, optionalPassword, type Setting } from './setting.js';

/** The admin pages, and who may open them. In the order of `.env.example`. */
export const ADMIN_SETTINGS = {
  adminPassword: optionalPassword({
    name: 'ADMIN_PASSWORD',
    description:
      'The password of the admin pages, which nodes with the role api have at /admin; the same on all nodes. Without it one is made in DATA_DIR when NODE_ENV is development, and told at that start; otherwise there are then no admin pages.',
  }),
  adminSessionTtl: duration(
    {
      name: 'ADMIN_SESSION_TTL',
      default: '12h',
      description: 'How long a login to the admin pages holds. Another ADMIN_PASSWORD ends all of them.',
    },
    '1m',
    '30d',
  ),
  adminLoginRate: integer(
    {
      name: 'ADMIN_LOGIN_RATE',
      default: '5',
      description:
        'The most logins a minute with a wrong password from each address (IPv6: each /64) on each node; a burst of as many is allowed. Then none is looked at for a while.',
    },
    1,
    10_000,
  ),
  adminQueueActions: oneOf(
    {
      name: 'ADMIN_QUEUE_ACTIONS',
      default: 'off',
      description: 'on: jobs of the queue can be tried again and deleted on the admin pages. off: they only show.',
    },
    ['off', 'on'],
  ),
  adminReportInterval: duration(
    {
      name: 'ADMIN_REPORT_INTERVAL',
      default: '5s',
      description:
        'How often each process tells the others, by a row of the database, what the admin pages show of it.',
    },
    '1s',
    '1m',
  ),
} satisfies Record<string, Setting<unknown>>;
