import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { GlobalMessagesResolver } from '../global-messages/global-messages.resolver.js';
import { MessagesResolver } from '../messages/messages.resolver.js';
import { RecipientsResolver } from '../recipients/recipients.resolver.js';
import { VersionResolver } from './version.resolver.js';

/** The SDL of the API, made from the resolvers without a database. */
export async function printApiSchema(): Promise<string> {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  const schema = await app
    .get(GraphQLSchemaFactory)
    .create([RecipientsResolver, MessagesResolver, GlobalMessagesResolver, VersionResolver]);
  await app.close();
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
