// The tabs that the console opens with. A recipient is any name: these use one, so that they work one after the other.

const RECIPIENT = 'd9f3c17a-c6de-4e5e-b42b-98fbfb46a108';
const MESSAGE = 'The quick brown fox jumps over the lazy dog';

export const EXAMPLES = [
  {
    name: 'registerRecipient',
    query: `# Gives the URI at which this recipient's browser connects.
mutation registerRecipient($input: RegisterRecipientInput!) {
  registerRecipient(input: $input) {
    token
    connectionUri
  }
}`,
    variables: { input: { recipient: RECIPIENT } },
  },
  {
    name: 'pushMessage',
    query: `# Pushes a message to each of these recipients.
mutation pushMessage($input: MessageInput!) {
  pushMessage(input: $input) {
    item {
      id
      message
      status
      expiresAt
      createdAt
      deliveredAt
      cancelledAt
      globalMessageId
    }
    error {
      message
    }
  }
}`,
    variables: { input: { recipients: [RECIPIENT], message: MESSAGE } },
  },
  {
    name: 'pushGlobalMessage',
    query: `# Pushes a message to everyone who is connected.
mutation pushGlobalMessage($input: GlobalMessageInput!) {
  pushGlobalMessage(input: $input) {
    id
    message
    topic
    expiresAt
    createdAt
  }
}`,
    variables: { input: { message: MESSAGE } },
  },
  {
    name: 'messages',
    query: `# Messages and what became of them, the newest first.
query messages($filter: MessagesFilter, $nextToken: String, $limit: Int) {
  messages(filter: $filter, nextToken: $nextToken, limit: $limit) {
    items {
      id
      recipient
      message
      topic
      status
      expiresAt
      createdAt
      deliveredAt
      cancelledAt
      globalMessageId
    }
    nextToken
  }
}`,
    variables: { filter: { recipient: RECIPIENT }, limit: 20 },
  },
  {
    name: 'globalMessages',
    query: `# Global messages, the newest first.
query globalMessages($filter: GlobalMessagesFilter, $nextToken: String, $limit: Int) {
  globalMessages(filter: $filter, nextToken: $nextToken, limit: $limit) {
    items {
      id
      message
      topic
      expiresAt
      createdAt
    }
    nextToken
  }
}`,
    variables: { limit: 20 },
  },
  {
    name: 'version',
    query: `# The version of the service.
query version {
  version
}`,
    variables: {},
  },
];
