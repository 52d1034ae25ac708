import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Settings } from '../config/config.module.js';
import { connectionOptions } from '../postgres/connection-options.js';
import { endWhenSilent } from '../postgres/silence.js';
import { DomainEvents } from './domain-events.js';
import { EVENTS_QUEUE, JOB_OPTIONS } from './events-queue.js';
import { HandledEvents } from './handled-events.js';
import { inPostgres, knowPostgres } from './queue-backend.js';
import { QueueErrors } from './queue-errors.js';
import { QueueGauges } from './queue-gauges.js';
import { QueuePatience } from './queue-patience.js';

/** The domain events and the queue that carries them: in the database, or in Redis with `REDIS_URL`. */
@Global()
@Module({})
export class EventsModule {
  static forRoot(databaseUrl: string): DynamicModule {
    const patience = new QueuePatience();
    return {
      module: EventsModule,
      imports: [
        BullModule.forRootAsync({
          inject: [Settings],
          useFactory: (settings: Settings) => queueOptions(settings, databaseUrl, patience),
        }),
        BullModule.registerQueue({ name: EVENTS_QUEUE, defaultJobOptions: JOB_OPTIONS }),
      ],
      providers: [
        DomainEvents,
        HandledEvents,
        QueueErrors,
        QueueGauges,
        { provide: QueuePatience, useValue: patience },
      ],
      exports: [DomainEvents, HandledEvents, QueueErrors, BullModule],
    };
  }
}

function queueOptions({ redisUrl, namespace }: Settings, databaseUrl: string, { retryStrategy }: QueuePatience) {
  if (redisUrl !== null)
    return { connection: { url: redisUrl, maxRetriesPerRequest: null, retryStrategy }, prefix: namespace };
  knowPostgres();
  // BullMQ types `connection` for Redis alone; its PostgreSQL back end takes these.
  const connection = inPostgres({
    ...connectionOptions(databaseUrl),
    schema: `${namespace}_queue`,
    migrate: true,
    max: 4,
    onConnect: endWhenSilent,
  });
  return { connection: connection as never };
}
