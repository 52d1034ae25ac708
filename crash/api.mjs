// The public API, as a backend calls it.
import { Agent, request } from 'node:http';

const MESSAGE = 'id recipient message topic status expiresAt deliveredAt cancelledAt globalMessageId';
const PAGE = 1_000;

/** The service answered, and the answer is an error. */
export class ApiError extends Error {
  constructor({ status, headers, text }, code) {
    super(`${status} ${text.slice(0, 300)}`);
    this.code = code;
    /** Whether a backend is told to try again, and when. */
    this.saysWhen = status === 503 && code === 'UNAVAILABLE' && headers['retry-after'] !== undefined;
  }
}

export class Api {
  #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  #urls;
  #random;

  /** Each request goes to any of the nodes. */
  constructor(urls, key, random) {
    this.#urls = urls;
    this.key = key;
    this.#random = random;
  }

  async push(input) {
    const { pushMessage } = await this.#call(
      'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id recipient } error { message } } }',
      { input },
    );
    return pushMessage.map(({ item }) => item).filter((item) => item !== null);
  }

  async pushGlobal(input) {
    const { pushGlobalMessage } = await this.#call(
      'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id } }',
      { input },
    );
    return pushGlobalMessage.id;
  }

  async register(input) {
    const { registerRecipient } = await this.#call(
      'mutation($input: RegisterRecipientInput!) { registerRecipient(input: $input) { connectionUri } }',
      { input },
    );
    return registerRecipient.connectionUri;
  }

  /** The newest messages. */
  async newest(limit) {
    return (await this.#page({}, null, limit)).items;
  }

  /** All messages to recipients; with a `globalMessageId` in the filter its deliveries. */
  messages(filter = {}) {
    return allPages((nextToken) => this.#page(filter, nextToken, PAGE));
  }

  globalMessages() {
    return allPages(async (nextToken) => {
      const { globalMessages } = await this.#call(
        `query($nextToken: String) { globalMessages(nextToken: $nextToken, limit: ${PAGE}) { items { id } nextToken } }`,
        { nextToken },
      );
      return globalMessages;
    });
  }

  /** Whether all nodes are ready. */
  async ready() {
    const answers = await Promise.all(this.#urls.map((url) => this.#send(url, 'GET', '/health/ready', null, 2_000)));
    return answers.every(({ status }) => status === 200);
  }

  async #page(filter, nextToken, limit) {
    const { messages } = await this.#call(
      `query($filter: MessagesFilter, $nextToken: String, $limit: Int) {
         messages(filter: $filter, nextToken: $nextToken, limit: $limit) { items { ${MESSAGE} } nextToken } }`,
      { filter, nextToken, limit },
    );
    return messages;
  }

  async #call(query, variables) {
    const response = await this.#send(
      this.#random.pick(this.#urls),
      'POST',
      '/graphql',
      JSON.stringify({ query, variables }),
      8_000,
    );
    const answer = response.text.startsWith('{') ? JSON.parse(response.text) : {};
    if (!answer.data || answer.errors) throw new ApiError(response, answer.errors?.[0]?.extensions?.code);
    return answer.data;
  }

  #send(url, method, path, body, timeout) {
    const headers = { 'x-api-key': this.key };
    if (body !== null)
      Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    return new Promise((resolve, reject) => {
      const outgoing = request(`${url}${path}`, { method, agent: this.#agent, headers, timeout }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
        response.on('error', reject);
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer in ${timeout} ms`)));
      outgoing.on('error', reject);
      outgoing.end(body ?? undefined);
    });
  }
}

async function allPages(read) {
  const all = [];
  for (let nextToken = null; ;) {
    const page = await read(nextToken);
    all.push(...page.items);
    ({ nextToken } = page);
    if (!nextToken) return all;
  }
}
