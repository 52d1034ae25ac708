/** An operation of the API and variables that it takes. */
export interface Operation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Every operation that takes input, with variables for every one of its fields. */
export const OPERATIONS = {
  pushMessage: {
    query: 'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id recipient } error { message } } }',
    variables: { input: { recipients: ['a'], message: 'text', topic: 'topic', expiresAt: '2099-01-01' } },
  },
  pushGlobalMessage: {
    query: 'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id } }',
    variables: { input: { message: 'text', topic: 'topic', expiresAt: '2099-01-01' } },
  },
  registerRecipient: {
    query: 'mutation($input: RegisterRecipientInput!) { registerRecipient(input: $input) { token } }',
    variables: {
      input: { recipient: 'a', sourceIp: '203.0.113.7', origin: 'https://example.org', topic: 'topic' },
    },
  },
  messages: {
    query:
      'query($filter: MessagesFilter, $nextToken: String, $limit: Int) { messages(filter: $filter, nextToken: $nextToken, limit: $limit) { items { id } nextToken } }',
    variables: {
      filter: {
        recipient: 'a',
        globalMessageId: '00000000-0000-4000-8000-000000000000',
        createdAt: { from: '2023-01-01', to: '2099-01-01' },
        expiresAt: { from: '2023-01-01', to: '2099-01-01' },
        topic: 'topic',
      },
      nextToken: null,
      limit: 10,
    },
  },
  globalMessages: {
    query:
      'query($filter: GlobalMessagesFilter, $nextToken: String, $limit: Int) { globalMessages(filter: $filter, nextToken: $nextToken, limit: $limit) { items { id } nextToken } }',
    variables: {
      filter: {
        createdAt: { from: '2023-01-01', to: '2099-01-01' },
        expiresAt: { from: '2023-01-01', to: '2099-01-01' },
        topic: 'topic',
      },
      nextToken: null,
      limit: 10,
    },
  },
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];

/** The variables with another value at `path`, such as `input.message`. */
export function withValue(variables: unknown, path: string, value: unknown): Record<string, unknown> {
  const [name = '', ...rest] = path.split('.');
  const object = (variables ?? {}) as Record<string, unknown>;
  return { ...object, [name]: rest.length === 0 ? value : withValue(object[name], rest.join('.'), value) };
}

/** The operation as a document without variables: every value is a literal. */
export function asLiteral(name: OperationName, variables: Record<string, unknown>): string {
  const selection = /\) (\{ (?:item|id|token|items).*\}) \}$/.exec(OPERATIONS[name].query)?.[1] ?? '';
  const kind = OPERATIONS[name].query.startsWith('query') ? 'query' : 'mutation';
  const given = Object.entries(variables).map(([argument, value]) => `${argument}: ${literal(value)}`);
  return `${kind} { ${name}(${given.join(', ')}) ${selection} }`;
}

/** A value as it is written in a document. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}: ${literal(item)}`)
    .join(', ')}}`;
}
