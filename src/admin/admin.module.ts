import { type DynamicModule, Module } from '@nestjs/common';
import { AdminPassword } from './admin-password.js';
import { AdminRouter } from './admin.router.js';
import { Login } from './login.js';
import { QueueBoard } from './queue-board.js';
import { Sessions } from './sessions.js';

/** The admin pages at `/admin`, behind a login. */
@Module({})
export class AdminModule {
  static forRoot(password: string): DynamicModule {
    return {
      module: AdminModule,
      providers: [
        { provide: AdminPassword, useValue: new AdminPassword(password) },
        Sessions,
        Login,
        QueueBoard,
        AdminRouter,
      ],
    };
  }
}
