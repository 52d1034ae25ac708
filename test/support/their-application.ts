import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { BullModule, getQueueToken } from '@nestjs/bullmq';
import {
  type CanActivate,
  Controller,
  Get,
  type INestApplication,
  Injectable,
  Module,
  Optional,
  Post,
  Req,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import {
  Args,
  Field,
  GraphQLModule,
  GraphQLSchemaHost,
  ID,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from '@nestjs/graphql';
import { WsAdapter } from '@nestjs/platform-ws';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { Queue } from 'bullmq';
import type { Request } from 'express';
import { printSchema } from 'graphql';
import { DataSource, Column, Entity, PrimaryGeneratedColumn, Repository } from 'typeorm';
import type { WebSocket } from 'ws';
import { HomingModule } from '../../src/homing.module.js';
import { MessagesService } from '../../src/messages/messages.service.js';
import type { HomingOptions } from '../../src/mounted/homing-options.js';

/** Named as one of ours. */
@ObjectType()
@Entity('notes')
class Message {
  @Field(() => ID)
  @PrimaryGeneratedColumn()
  id: number;

  @Field()
  @Column()
  subject: string;
}

/** Refers to the other one, so that Nest takes it for a part of every schema. */
@ObjectType()
class MessagesQueryResult {
  @Field(() => [Message])
  items: Message[];
}

@Resolver()
class TheirResolver {
  constructor(
    @InjectRepository(Message) private readonly notes: Repository<Message>,
    @Optional() private readonly homing?: MessagesService,
  ) {}

  @Query(() => MessagesQueryResult)
  async messages(): Promise<MessagesQueryResult> {
    return { items: await this.notes.find() };
  }

  @Mutation(() => Message)
  async pushMessage(@Args('subject') subject: string): Promise<Message> {
    await this.homing?.push('acme', { recipients: ['ann'], message: subject });
    return this.notes.save({ subject } as Message);
  }
}

@Controller()
class TheirController {
  @Get()
  root(): string {
    return 'theirs';
  }

  @Post('echo')
  echo(@Req() request: Request): unknown {
    return request.body;
  }
}

@WebSocketGateway({ path: '/their-socket' })
class TheirGateway implements OnGatewayConnection {
  handleConnection(socket: WebSocket): void {
    socket.send('theirs');
  }
}

/** What their guard saw. */
@Injectable()
class TheirGuard implements CanActivate {
  asked = 0;

  canActivate(): boolean {
    this.asked += 1;
    return true;
  }
}

@Module({ providers: [TheirGateway] })
class TheirSocketModule {}

/** An application of somebody else's: its own GraphQL schema, tables, routes, guard, queue and perhaps WebSockets. */
export class TheirApplication {
  private constructor(
    readonly app: INestApplication,
    readonly url: string,
  ) {}

  static async start(parts: {
    readonly databaseUrl: string;
    readonly redisUrl: string;
    readonly sockets: boolean;
    readonly homing?: HomingOptions;
  }): Promise<TheirApplication> {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: parts.databaseUrl, autoLoadEntities: true, synchronize: true }),
        TypeOrmModule.forFeature([Message]),
        GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true, path: '/graphql' }),
        ...(parts.redisUrl === ''
          ? []
          : [
              BullModule.forRoot({ connection: { url: parts.redisUrl, maxRetriesPerRequest: null } }),
              BullModule.registerQueue({ name: 'theirs' }),
            ]),
        ...(parts.sockets ? [TheirSocketModule] : []),
        ...(parts.homing ? [HomingModule.forRootAsync({ useFactory: () => parts.homing as HomingOptions })] : []),
      ],
      controllers: [TheirController],
      providers: [TheirResolver, TheirGuard, { provide: APP_GUARD, useExisting: TheirGuard }],
    })
    class TheirModule {}

    const app = await NestFactory.create(TheirModule, { logger: false, abortOnError: false });
    if (parts.sockets) app.useWebSocketAdapter(new WsAdapter(app));
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as { port: number };
    return new TheirApplication(app, `http://127.0.0.1:${port}`);
  }

  get schema(): string {
    return printSchema(this.app.get(GraphQLSchemaHost, { strict: false }).schema);
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource, { strict: false });
  }

  get queue(): Queue {
    return this.app.get<Queue>(getQueueToken('theirs'), { strict: false });
  }

  get guardAsked(): number {
    return this.app.get(TheirGuard).asked;
  }
}
