/** A GraphQL answer with its HTTP status. */
export interface Answer<D = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: D;
  readonly errors: readonly {
    message: string;
    path?: (string | number)[];
    extensions: { code: string; field?: string; [key: string]: unknown };
  }[];
  readonly text: string;
}

/** An answer's data; fails when there are errors. */
export function good<D>(answer: Answer<D>): D {
  if (answer.errors.length > 0 || answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer.data;
}

/** A message as the API shows it. */
export interface MessageFields {
  readonly id: string;
  readonly recipient: string;
  readonly message: string;
  readonly topic: string | null;
  readonly status: 'PENDING' | 'DELIVERED' | 'CANCELLED';
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly deliveredAt: string | null;
  readonly cancelledAt: string | null;
  readonly globalMessageId: string | null;
}

/** What to ask of a message. */
export const MESSAGE_FIELDS =
  'id recipient message topic status expiresAt createdAt deliveredAt cancelledAt globalMessageId';

/** Sends a raw body to the API at this address. */
export async function post<D>(
  url: string,
  body: string,
  key: string | null,
  headers: Record<string, string> = {},
): Promise<Answer<D>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== null && { 'x-api-key': key }), ...headers },
    body,
  });
  const text = await response.text();
  const answer = (text.startsWith('{') ? JSON.parse(text) : {}) as { data?: D; errors?: Answer['errors'] };
  return {
    status: response.status,
    headers: response.headers,
    data: answer.data as D,
    errors: answer.errors ?? [],
    text,
  };
}

/** What `registerRecipient` gives. */
export interface Registered {
  readonly token: string;
  readonly connectionUri: string;
}

/** The body that registers a recipient. */
export function registration(input: object): string {
  const query =
    'mutation($input: RegisterRecipientInput!) { registerRecipient(input: $input) { token connectionUri } }';
  return JSON.stringify({ query, variables: { input } });
}
