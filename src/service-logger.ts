import { ConsoleLogger } from '@nestjs/common';

/** Who logs an error of the start with its stack and throws it as well: `main.ts` says it, once. */
const THROWERS: readonly unknown[] = ['ExceptionHandler', 'NestApplication', 'TypeOrmModule'];

/** The log of the service. */
export class ServiceLogger extends ConsoleLogger {
  override error(message: unknown, ...more: unknown[]): void {
    if (!THROWERS.includes(more.at(-1))) super.error(message, ...more);
  }
}
