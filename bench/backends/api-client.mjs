// A client of the API that costs little, since it runs beside what it measures: of HTTP it can do what the service needs, and takes a
// small part of the processor time of Node's own client.
import { once } from 'node:events';
import { connect } from 'node:net';

/** Milliseconds for which a connection is kept without a request: the service closes it after 5 s. */
const KEPT = 4_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** Posts GraphQL over connections that it keeps. */
export class ApiClient {
  #idle = [];
  #url;
  #key;

  constructor(url, key) {
    this.#url = new URL(url);
    this.#key = key;
  }

  /** Gives the data of the answer. @throws Error when there is none */
  async graphql(query, variables) {
    const connection = this.#takeIdle() ?? (await Connection.open(this.#url));
    const body = JSON.stringify({ query, variables });
    const answer = await connection.exchange(
      `POST /graphql HTTP/1.1\r\nhost: ${this.#url.host}\r\nx-api-key: ${this.#key}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    this.#idle.push(connection);
    connection.idleSince = performance.now();
    const { data, errors } = JSON.parse(answer);
    if (errors) throw new Error(answer);
    return data;
  }

  /** Gives the one that was used last, and closes those that may be closed by the service at any moment. */
  #takeIdle() {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (performance.now() - connection.idleSince < KEPT) return connection;
      connection.close();
    }
    return null;
  }
}

/** A connection on which one request is under way at most. */
class Connection {
  idleSince = 0;
  #socket;
  #received = null;
  #expected = null;
  #waiting = null;

  static async open({ hostname, port }) {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#waiting?.reject(new Error('The service closed a connection instead of answering')));
  }

  /** Sends a request and gives the body of its answer. */
  exchange(request) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#received = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    this.#expected ??= bodyOf(this.#received);
    if (this.#expected === null || this.#received.length < this.#expected.end) return;
    const body = this.#received.toString('utf8', this.#expected.start, this.#expected.end);
    const { resolve } = this.#waiting;
    this.#received = this.#expected = this.#waiting = null;
    resolve(body);
  }
}

/** Where the body of an answer is, or null as long as its head has not come. */
function bodyOf(answer) {
  const headEnd = answer.indexOf(HEAD_END);
  if (headEnd === -1) return null;
  const start = headEnd + HEAD_END.length;
  return { start, end: start + Number(/\r\ncontent-length: (\d+)/i.exec(answer.toString('latin1', 0, headEnd))[1]) };
}
