import type { AdminPassword } from './config/secrets.js';
import { ROLES } from './config/service-settings.js';
import type { SettingValues } from './config/settings.js';

const REGISTER = 'mutation{registerRecipient(input:{recipient:\\"ann\\"}){connectionUri}}';
const PUSH =
  'mutation{pushMessage(input:{recipients:[\\"ann\\"],message:\\"Hello, Ann\\"}){item{id status} error{message}}}';

/**
 * What the service says when it listens; with a demo key also how to send a first message.
 * @param commands how its commands are called here
 */
export function welcome(
  url: string,
  { roles, tour }: Pick<SettingValues, 'roles' | 'tour'>,
  admin: AdminPassword | null,
  demoKey: string | null,
  commands: string,
): string {
  const lines = [
    '',
    `Homing is listening on ${url}`,
    ...(roles.length < ROLES.length ? [`  roles            ${roles.join(', ')}`] : []),
    ...(roles.includes('api') && tour === 'on' ? [`  tour             ${url}/`] : []),
    ...(roles.includes('api') ? [`  API and console  ${url}/graphql`] : []),
    ...(admin ? [`  admin pages      ${url}/admin`] : []),
    ...(admin?.isNew ? [`  admin password   ${admin.text}  (shown this once, and kept in ${admin.file})`] : []),
    `  health           ${url}/health/ready`,
    '',
  ];
  if (demoKey === null) return lines.join('\n');
  const curl = (query: string) =>
    `curl -s ${url}/graphql -H 'content-type: application/json' -H "x-api-key: $KEY" -d '{"query":"${query}"}'`;
  return [
    ...lines,
    `A demo access key was made. It is shown this once:`,
    '',
    `  ${demoKey}`,
    '',
    'Paste this into a second terminal, in this folder. It registers the recipient "ann", listens as ann, and pushes a message to ann:',
    '',
    `  KEY=${demoKey}; URI=$(${curl(REGISTER)} | sed 's/.*"connectionUri":"\\([^"]*\\)".*/\\1/'); ${commands} listen "$URI" & sleep 3; ${curl(PUSH)}; wait`,
    '',
  ].join('\n');
}
