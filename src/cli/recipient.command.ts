import { Command } from 'commander';
import { AccessKeysService } from '../access/access-keys.service.js';
import { AccessKeysModule } from '../access/access-keys.module.js';
import type { SettingValues } from '../config/settings.js';
import { checkTenant } from '../config/tenant.js';
import { RevocationsModule } from '../recipients/revocations.module.js';
import { Revocations } from '../recipients/revocations.js';
import { RelayModule } from '../relay/relay.module.js';
import { inContext } from './command-context.js';

/** `recipient revoke`. What is said goes to standard error. */
export function recipientCommand(settings: () => SettingValues): Command {
  const command = new Command('recipient').description('Stops the tokens of recipients.').exitOverride();

  command
    .command('revoke <recipient>')
    .description(
      'Revokes all tokens of the recipient that were issued before now, and closes its connections within 5 s.',
    )
    .requiredOption('--tenant <tenant>', "the recipient's tenant")
    .action(async (recipient: string, { tenant }: { tenant: string }) => {
      checkTenant(tenant);
      await inContext(
        settings(),
        (databaseUrl) => [RelayModule.forRoot(databaseUrl), AccessKeysModule, RevocationsModule],
        async (context) => {
          await context.get(Revocations, { strict: false }).revoke(tenant, recipient);
          process.stderr.write(`The tokens of "${recipient}" of ${tenant} that were issued before now are revoked.\n`);
          // Nothing tells a misspelt recipient from one that nobody has used yet, but a tenant has keys.
          if ((await context.get(AccessKeysService, { strict: false }).list(tenant)).length === 0)
            process.stderr.write(`No access key belongs to a tenant "${tenant}": is that its name?\n`);
        },
      );
    });

  return command;
}
