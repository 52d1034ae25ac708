import { readFileSync } from 'node:fs';
import { buildSchema, isEnumType, isInputObjectType, isObjectType, isScalarType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printApiSchema } from '../../src/graphql/print-schema.js';

describe('the schema', () => {
  it('is committed as schema.graphql, up to date (npm run schema)', async () => {
    expect(readFileSync('schema.graphql', 'utf8')).toBe(await printApiSchema());
  });

  it('describes every type, field, argument and value', () => {
    const undescribed: string[] = [];
    for (const type of Object.values(buildSchema(readFileSync('schema.graphql', 'utf8')).getTypeMap())) {
      if (type.name.startsWith('__')) continue;
      if (!type.description && !['Query', 'Mutation'].includes(type.name)) undescribed.push(type.name);
      if (isScalarType(type)) continue;
      const fields = isEnumType(type)
        ? type.getValues()
        : isObjectType(type) || isInputObjectType(type)
          ? Object.values(type.getFields())
          : [];
      for (const field of fields) {
        if (!field.description) undescribed.push(`${type.name}.${field.name}`);
        for (const argument of 'args' in field ? field.args : []) {
          if (!argument.description) undescribed.push(`${type.name}.${field.name}(${argument.name})`);
        }
      }
    }
    expect(undescribed).toEqual([]);
  });

  it('has every query, mutation, argument and field of the reference', () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const listing = Object.fromEntries(
      Object.values(schema.getTypeMap())
        .filter((type) => !type.name.startsWith('__') && (isObjectType(type) || isInputObjectType(type)))
        .map((type) => [
          type.name,
          Object.values((type as { getFields(): Record<string, { name: string; type: unknown }> }).getFields()).map(
            (field) => `${field.name}: ${String(field.type)}`,
          ),
        ]),
    );
    expect(listing).toEqual({
      Query: ['globalMessages: GlobalMessagesQueryResult!', 'messages: MessagesQueryResult!', 'version: String!'],
      Mutation: [
        'pushGlobalMessage: GlobalMessage!',
        'pushMessage: [PushMessageResult!]!',
        'registerRecipient: RegisterRecipientResponse!',
      ],
      PushMessageResult: ['error: PushMessageError', 'item: Message'],
      PushMessageError: ['message: String!'],
      RegisterRecipientInput: ['origin: String', 'recipient: String!', 'sourceIp: String', 'topic: String'],
      RegisterRecipientResponse: ['connectionUri: String!', 'token: Token!'],
      MessageInput: ['expiresAt: DateTime', 'message: String!', 'recipients: [String!]!', 'topic: String'],
      GlobalMessageInput: ['expiresAt: DateTime', 'message: String!', 'topic: String'],
      Message: [
        'cancelledAt: DateTime',
        'createdAt: DateTime!',
        'deliveredAt: DateTime',
        'expiresAt: DateTime',
        'globalMessageId: ID',
        'id: ID!',
        'message: String!',
        'recipient: String!',
        'status: MessageStatus!',
        'topic: String',
      ],
      GlobalMessage: ['createdAt: DateTime!', 'expiresAt: DateTime', 'id: ID!', 'message: String!', 'topic: String'],
      DateTimeFilter: ['from: String', 'to: String'],
      MessagesFilter: [
        'createdAt: DateTimeFilter',
        'expiresAt: DateTimeFilter',
        'globalMessageId: ID',
        'recipient: String',
        'topic: String',
      ],
      GlobalMessagesFilter: ['createdAt: DateTimeFilter', 'expiresAt: DateTimeFilter', 'topic: String'],
      MessagesQueryResult: ['items: [Message!]!', 'nextToken: String'],
      GlobalMessagesQueryResult: ['items: [GlobalMessage!]!', 'nextToken: String'],
    });
  });
});
