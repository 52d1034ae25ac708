import { duration, integer, size, type Setting } from './setting.js';

/** How much the API takes, and how fast. In the order of `.env.example`. */
export const API_SETTINGS = {
  maxMessageBytes: size(
    { name: 'MAX_MESSAGE_SIZE', default: '64KiB', description: 'The largest message text, in bytes of UTF-8.' },
    '1B',
    '1MiB',
  ),
  maxRecipientLength: integer(
    { name: 'MAX_RECIPIENT_LENGTH', default: '256', description: 'The longest recipient name, in characters.' },
    1,
    256,
  ),
  maxTopicLength: integer(
    { name: 'MAX_TOPIC_LENGTH', default: '256', description: 'The longest topic, in characters.' },
    1,
    256,
  ),
  maxRecipients: integer(
    { name: 'MAX_RECIPIENTS', default: '10000', description: 'The most recipients of one pushMessage.' },
    1,
    100_000,
  ),
  maxBodyBytes: size(
    { name: 'MAX_BODY_SIZE', default: '8MiB', description: 'The largest GraphQL request body.' },
    '1KiB',
    '64MiB',
  ),
  maxQueryDepth: integer(
    {
      name: 'MAX_QUERY_DEPTH',
      default: '16',
      description: 'The deepest GraphQL selection (introspection by the console needs 15).',
    },
    2,
    100,
  ),
  maxQueryAliases: integer(
    { name: 'MAX_QUERY_ALIASES', default: '30', description: 'The most aliases in one GraphQL document.' },
    0,
    10_000,
  ),
  maxQueryFields: integer(
    {
      name: 'MAX_QUERY_FIELDS',
      default: '500',
      description: 'The most fields selected by one GraphQL document, fragments counted wherever they are spread.',
    },
    10,
    100_000,
  ),
  maxQueryCost: integer(
    {
      name: 'MAX_QUERY_COST',
      default: '250000',
      description:
        'The most that one operation may cost: the recipients of its largest push, or the limit of its largest page, times the fields that it selects.',
    },
    1_000,
    100_000_000,
  ),
  maxAnswerBytes: size(
    {
      name: 'MAX_ANSWER_SIZE',
      default: '16MiB',
      description:
        'The most bytes of texts, topics and recipients in one answer, each counted as often as it is selected. A page ends where it has them; a push whose answer would have more is refused. As much again may be taken by ids, times and names of fields.',
    },
    '1MiB',
    '64MiB',
  ),
  maxPageSize: integer(
    { name: 'MAX_PAGE_SIZE', default: '1000', description: 'The largest page of a query.' },
    1,
    10_000,
  ),
  queryTimeout: duration(
    {
      name: 'QUERY_TIMEOUT',
      default: '5s',
      description: 'How long reading a page may take; then its query is answered with an error.',
    },
    '100ms',
    '30s',
  ),
  maxWaitingQueries: integer(
    {
      name: 'MAX_WAITING_QUERIES',
      default: '100',
      description:
        'The most pages of one tenant that wait on a node to be read, one after the other, and the most of its large requests (to more than 1,000 recipients, or with a document of more than 16,384 characters); more are refused with 429.',
    },
    1,
    100_000,
  ),
  mutationRate: integer(
    {
      name: 'MUTATION_RATE',
      default: '5000',
      description:
        'The most mutations a second for each tenant: over all nodes with REDIS_URL, on each node without it. A burst of as many is allowed.',
    },
    1,
    1_000_000,
  ),
  failedKeyRate: integer(
    {
      name: 'FAILED_KEY_RATE',
      default: '30',
      description:
        'The most requests a minute with an access key that is not valid, from each address (IPv6: each /64) on each node; a burst of as many is allowed.',
    },
    1,
    1_000_000,
  ),

  headersTimeout: duration(
    {
      name: 'HEADERS_TIMEOUT',
      default: '10s',
      description: 'How long a client may take to send the head of a request; then it is answered 408 and cut off.',
    },
    '100ms',
    '10m',
  ),
  requestTimeout: duration(
    {
      name: 'REQUEST_TIMEOUT',
      default: '30s',
      description:
        'How long a client may take to send a whole request, its body included; then it is answered 408 and cut off. And how long to read the answer; then it is cut off.',
    },
    '100ms',
    '1h',
  ),
} satisfies Record<string, Setting<unknown>>;
