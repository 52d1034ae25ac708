// The backends of the row `rolling`: they push at a steady rate over connections that they keep, as HTTP clients do.
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const MESSAGE = 'mutation($input: MessageInput!) { pushMessage(input: $input) { item { id } error { message } } }';
const GLOBAL = 'mutation($input: GlobalMessageInput!) { pushGlobalMessage(input: $input) { id } }';
const REGISTER = 'mutation($input: RegisterRecipientInput!) { registerRecipient(input: $input) { connectionUri } }';
const SOCKETS = 16;

export class Backends {
  /** What was acknowledged: its text, its id, when it was sent and when it was answered. */
  acknowledged = [];
  globals = [];
  retried = [];
  failed = [];
  ended = false;
  /** Connections are taken in turn, so that all of them are in use. */
  agent = new Agent({ keepAlive: true, maxSockets: SOCKETS, scheduling: 'fifo' });

  constructor(url, key, names) {
    Object.assign(this, { url, key, names });
  }

  /** Gives a recipient and where it connects. */
  async register(name) {
    const { body } = await this.graphql(REGISTER, { input: { recipient: name } });
    return { name, uri: body.data.registerRecipient.connectionUri };
  }

  /** Pushes so many messages a second to one recipient each, and a global one every two seconds, until `stop`. */
  start(rate) {
    this.running = Promise.all([
      this.repeat(1_000 / rate, (i) => {
        const name = this.names[Math.floor(Math.random() * this.names.length)];
        const text = `message-${i}`;
        return this.push(MESSAGE, { recipients: [name], message: text }, ({ pushMessage: [{ item }] }, sent) =>
          this.acknowledged.push({ text: `${text} ${name}`, id: item.id, sent }),
        );
      }),
      this.repeat(2_000, (i) => {
        const text = `global-${i}`;
        return this.push(GLOBAL, { message: text }, ({ pushGlobalMessage: { id } }, sent) =>
          this.globals.push({ text, id, sent }),
        );
      }),
    ]);
  }

  async stop() {
    this.ended = true;
    await this.running;
    this.agent.destroy();
  }

  /** Whoever is late makes up for it. */
  async repeat(interval, push) {
    const began = performance.now();
    const pending = new Set();
    for (let i = 0; !this.ended; i += 1) {
      const pushed = push(i).finally(() => pending.delete(pushed));
      pending.add(pushed);
      await pause(Math.max(0, began + (i + 1) * interval - performance.now()));
    }
    await Promise.all(pending);
  }

  /** A push may be repeated once, and only when it was answered with 503. Whatever else goes wrong is a push that failed. */
  async push(query, input, onAcknowledged) {
    const sent = Date.now();
    try {
      let answer = await this.graphql(query, { input });
      if (answer.status === 503) {
        this.retried.push(sent);
        answer = await this.graphql(query, { input });
      }
      if (answer.status !== 200 || answer.body.errors)
        throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
      onAcknowledged(answer.body.data, sent);
    } catch (error) {
      this.failed.push({ at: sent, why: error.code ?? error.message });
    }
  }

  graphql(query, variables) {
    return new Promise((resolve, reject) => {
      const body = JSON.stringify({ query, variables });
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-api-key': this.key,
      };
      const outgoing = request(`${this.url}/graphql`, { method: 'POST', agent: this.agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('error', reject).on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
      });
      outgoing.on('error', reject).end(body);
    });
  }
}
