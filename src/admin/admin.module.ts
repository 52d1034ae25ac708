import { type DynamicModule, Module } from '@nestjs/common';
import { PendingModule } from '../delivery/pending.module.js';
import { HandlersModule } from '../handlers/handlers.module.js';
import { LookupsModule } from '../lookups/lookups.module.js';
import { NodesModule } from '../nodes/nodes.module.js';
import { AdminPage } from './admin-page.js';
import { AdminPassword } from './admin-password.js';
import { AdminRepository } from './admin.repository.js';
import { AdminRouter } from './admin.router.js';
import { Login } from './login.js';
import { Overview } from './overview.js';
import { QueueBoard } from './queue-board.js';
import { RecipientLookup } from './recipient-lookup.js';
import { Sessions } from './sessions.js';

/** The admin pages at `/admin`, behind a login. */
@Module({})
export class AdminModule {
  static forRoot(password: string): DynamicModule {
    return {
      module: AdminModule,
      imports: [NodesModule, LookupsModule, PendingModule, HandlersModule],
      providers: [
        { provide: AdminPassword, useValue: new AdminPassword(password) },
        Sessions,
        Login,
        QueueBoard,
        AdminPage,
        AdminRepository,
        Overview,
        RecipientLookup,
        AdminRouter,
      ],
    };
  }
}
