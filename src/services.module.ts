import { Global, Module } from '@nestjs/common';
import { AccessKeysModule } from './access/access-keys.module.js';
import { GlobalMessagesModule } from './global-messages/global-messages.module.js';
import { MessagesModule } from './messages/messages.module.js';
import { RecipientsModule } from './recipients/recipients.module.js';

const MODULES = [RecipientsModule, MessagesModule, GlobalMessagesModule, AccessKeysModule];

/** The services, for the modules of extensions, which need not import anything for them. */
@Global()
@Module({ imports: MODULES, exports: MODULES })
export class ServicesModule {}
