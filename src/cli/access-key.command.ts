import { Command } from 'commander';
import type { AccessKey } from '../access/access-key.entity.js';
import { AccessKeysService } from '../access/access-keys.service.js';
import { AccessKeysModule } from '../access/access-keys.module.js';
import { duration, type Setting } from '../config/setting.js';
import type { SettingValues } from '../config/settings.js';
import { inContext } from './command-context.js';

const UNNAMED = { name: '', default: '', description: '' };
const overlapSpan = duration(UNNAMED, '0', '36500d');
const validitySpan = duration(UNNAMED, '1ms', '36500d');

function parseSpan(span: Setting<number>, text: string): number {
  try {
    return span.parse(text);
  } catch (error) {
    throw new Error(`"${text}" must be ${(error as Error).message}.`, { cause: error });
  }
}

/** `access-key create|list|show|revoke|rotate`. Keys alone go to standard output; everything else that is said goes to standard error. */
export function accessKeyCommand(settings: () => SettingValues): Command {
  const command = new Command('access-key')
    .description('Makes, lists, shows, revokes and rotates access keys.')
    .exitOverride();

  command
    .command('create')
    .description('Makes a key and prints it, this once.')
    .requiredOption('--tenant <tenant>', 'the tenant that the key belongs to')
    .requiredOption('--name <name>', 'what people call the key')
    .requiredOption('--scope <scopes>', 'scopes, separated by spaces, such as "websockets-manager-api:mutation:*"')
    .option('--expires-in <duration>', 'how long it is valid, such as 90d; for ever when left out')
    .action(
      ({ tenant, name, scope, expiresIn }: Record<'tenant' | 'name' | 'scope', string> & { expiresIn?: string }) =>
        withKeys(settings(), async (keys) => {
          const validity = expiresIn === undefined ? {} : { expiresIn: parseSpan(validitySpan, expiresIn) };
          print((await keys.create({ tenant, name, scope, ...validity })).key);
        }),
    );

  command
    .command('list')
    .description('Lists the keys, never their secrets.')
    .option('--tenant <tenant>', "only this tenant's")
    .action(({ tenant }: { tenant?: string }) =>
      withKeys(settings(), async (keys) => print(table(await keys.list(tenant)))),
    );

  command
    .command('show <prefix>')
    .description('Shows the key with this prefix, never its secret.')
    .action((prefix: string) => withKeys(settings(), async (keys) => print(card(await keys.get(prefix)))));

  command
    .command('revoke <prefix>')
    .description('Revokes the key with this prefix; every node refuses it within 5 s.')
    .action((prefix: string) =>
      withKeys(settings(), async (keys) => {
        const { name, tenant } = await keys.revoke(prefix);
        process.stderr.write(`The key "${name}" of ${tenant} is revoked.\n`);
      }),
    );

  command
    .command('rotate <prefix>')
    .description(
      'Makes a successor with the same scopes and lifetime and prints it; the old key works for a while more.',
    )
    .option('--overlap <duration>', 'how long the old key still works', '24h')
    .action((prefix: string, { overlap }: { overlap: string }) =>
      withKeys(settings(), async (keys) => print((await keys.rotate(prefix, parseSpan(overlapSpan, overlap))).key)),
    );

  return command;
}

function withKeys(settings: SettingValues, work: (keys: AccessKeysService) => Promise<void>): Promise<void> {
  return inContext(
    settings,
    () => [AccessKeysModule],
    (context) => work(context.get(AccessKeysService, { strict: false })),
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function minute(date: Date | null, none = 'never'): string {
  return date?.toISOString().slice(0, 16).replace('T', ' ') ?? none;
}

function card(key: AccessKey): string {
  const lines = [
    ['prefix', key.prefix],
    ['tenant', key.tenant],
    ['name', key.name],
    ['created', minute(key.createdAt)],
    ['expires', minute(key.expiresAt)],
    ['revoked', minute(key.revokedAt, 'no')],
    ['last used', minute(key.lastUsedAt)],
    ...key.scopes.map((scope) => ['scope', scope]),
  ];
  return lines.map(([name = '', value]) => `${name.padEnd(11)}${value}`).join('\n');
}

function table(keys: readonly AccessKey[]): string {
  const rows = keys.map((key) => [
    key.prefix,
    key.tenant,
    key.name,
    key.revokedAt ? 'revoked' : minute(key.expiresAt),
    minute(key.lastUsedAt),
    key.scopes.join(' '),
  ]);
  const all = [['PREFIX', 'TENANT', 'NAME', 'EXPIRES', 'LAST USED', 'SCOPES'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
