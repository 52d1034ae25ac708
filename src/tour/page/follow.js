// What becomes of a message, asked for again and again until that is settled.
import { MESSAGES } from './api.js';

/** In milliseconds: between two questions in the first seconds, and later. */
const [SOON, LATER] = [200, 1_000];
const FIRST_QUESTIONS = 25;
/** How long after a mistake it asks again, unless the service names a time. In seconds. */
const AFTER_MISTAKE = 2;
/** Mistakes that asking again doesn't mend. */
const LASTING = ['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT'];

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Tells what becomes of a message until its status is no longer PENDING.
 * @param {(message: object) => void} tell
 * @param {(sentence: string) => void} complain why there is no answer; with an empty text once there is one
 */
export function follow(api, message, tell, complain) {
  const { id, recipient, createdAt } = message;
  const filter = { recipient, createdAt: { from: createdAt, to: createdAt } };
  return poll(api, filter, complain, (items) => {
    const now = items.find((item) => item.id === id);
    if (now) tell(now);
    return now?.status !== 'PENDING';
  });
}

/**
 * Tells who has proven a global message, for as long as that is wanted.
 * @param {(items: object[]) => boolean} tell gives whether that is all
 * @param {(sentence: string) => void} complain as for `follow`
 */
export function followGlobal(api, globalMessageId, tell, complain) {
  return poll(api, { globalMessageId }, complain, tell);
}

async function poll(api, filter, complain, isSettled) {
  for (let question = 0; ; question += 1) {
    await pause(question < FIRST_QUESTIONS ? SOON : LATER);
    try {
      const { messages } = await api.ask(MESSAGES, { filter });
      complain('');
      if (isSettled(messages.items)) return;
    } catch (error) {
      complain(error.message);
      if (LASTING.includes(error.code)) return;
      await pause(1_000 * (error.retryAfter ?? AFTER_MISTAKE));
    }
  }
}
