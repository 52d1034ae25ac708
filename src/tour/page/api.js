// The API, asked as any backend asks it.

const UNREACHABLE = 'The service does not answer. It may have stopped. Try again in a moment.';
const KEY_REFUSED = 'That key is unknown, expired or revoked.';

/** Relative to the page, so that it is found below a proxy's path, too. */
export const ENDPOINT = new URL('graphql', document.baseURI).href;

export const REGISTER = `mutation ($input: RegisterRecipientInput!) {
  registerRecipient(input: $input) { connectionUri }
}`;
export const PUSH = `mutation ($input: MessageInput!) {
  pushMessage(input: $input) {
    item { id recipient message status createdAt expiresAt deliveredAt cancelledAt }
    error { message }
  }
}`;
export const PUSH_GLOBALLY = `mutation ($input: GlobalMessageInput!) {
  pushGlobalMessage(input: $input) { id message createdAt }
}`;
export const MESSAGES = `query ($filter: MessagesFilter) {
  messages(filter: $filter) {
    items { id recipient message status createdAt expiresAt deliveredAt cancelledAt }
  }
}`;

/** Why something was not done: a sentence for people, and what a program needs. */
export class Refusal extends Error {
  /**
   * @param {string} sentence
   * @param {string} code that of the API's error; UNREACHABLE when there was no answer
   * @param {number | null} retryAfter the seconds after which the service wants to be asked again
   */
  constructor(sentence, code, retryAfter = null) {
    super(sentence);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Whether the text can be a header's value at all. */
const isUsable = (key) => /^[\x21-\x7e]+$/.test(key);

export class Api {
  #key;

  constructor(key) {
    this.#key = key;
  }

  /**
   * Runs an operation, and gives its data.
   * @throws {Refusal}
   */
  async ask(query, variables = {}) {
    if (!isUsable(this.#key)) throw new Refusal(KEY_REFUSED, 'UNAUTHENTICATED');
    const response = await this.#post(JSON.stringify({ query, variables }));
    const answer = await response.json().catch(() => null);
    const [error] = answer?.errors ?? [];
    if (response.ok && answer?.data && !error) return answer.data;
    if (response.status === 401) throw new Refusal(KEY_REFUSED, 'UNAUTHENTICATED');
    const seconds = Number(response.headers.get('retry-after'));
    throw new Refusal(
      error?.message ?? `The service answered with the status ${response.status}, and no sentence.`,
      error?.extensions?.code ?? 'UNREACHABLE',
      seconds > 0 ? seconds : null,
    );
  }

  /** Pushes to one recipient, and gives the message that is stored. */
  async push(input) {
    const { pushMessage } = await this.ask(PUSH, { input });
    const [{ item, error }] = pushMessage;
    if (error) throw new Refusal(error.message, 'BAD_USER_INPUT');
    return item;
  }

  /** Finds out whether the service knows the key. It may lack the scope of `version`. */
  async judge() {
    try {
      await this.ask('{ version }');
    } catch (error) {
      if (error.code !== 'FORBIDDEN') throw error;
    }
  }

  async #post(body) {
    try {
      return await fetch(ENDPOINT, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': this.#key },
        body,
      });
    } catch {
      throw new Refusal(UNREACHABLE, 'UNREACHABLE');
    }
  }
}
