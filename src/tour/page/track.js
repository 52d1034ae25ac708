// The way of a message, drawn: stored, arrived, proven or cancelled.
import { make, timeOf } from './elements.js';

/** The most of them that a step shows. */
const MOST = 3;

/** A span of time for people. */
export function span(milliseconds) {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1_000)} s`;
}

const between = (from, to) => span(new Date(to) - new Date(from));

/** What is to be said of a message, in a sentence. */
export function outcome({ status, createdAt, deliveredAt, cancelledAt }) {
  if (status === 'DELIVERED') return `DELIVERED: proven ${between(createdAt, deliveredAt)} after the push.`;
  if (status === 'CANCELLED') return `CANCELLED: not proven in the ${between(createdAt, cancelledAt)} that it had.`;
  return 'Stored, and not proven yet.';
}

/** A message on the page. It is shown first among those of its step. */
export class Track {
  #message;
  #arrived = false;
  #root = make('article', { className: 'track' });

  constructor(message, place) {
    this.#message = message;
    place.prepend(this.#root);
    for (const old of [...place.children].slice(MOST)) old.remove();
    this.#draw();
  }

  update(message) {
    this.#message = message;
    this.#draw();
  }

  arrive() {
    this.#arrived = true;
    this.#draw();
  }

  #draw() {
    const { message, status, createdAt, expiresAt, deliveredAt, cancelledAt } = this.#message;
    this.#root.dataset.status = status;
    const end =
      status === 'CANCELLED'
        ? stop('Cancelled', cancelledAt, 'reached')
        : deliveredAt || expiresAt === null
          ? stop(deliveredAt ? 'Proven' : 'Not proven yet', deliveredAt, deliveredAt ? 'reached' : 'ahead')
          : stop('Expires', expiresAt, 'ahead');
    this.#root.replaceChildren(
      make('p', { className: 'head' }, [make('q', {}, [message]), make('b', { className: 'status' }, [status])]),
      make('ol', {}, [
        stop('Stored', createdAt, 'reached'),
        this.#arrived
          ? stop('Arrived here', null, 'reached')
          : stop(status === 'PENDING' ? 'Not here yet' : 'Not here', null, 'ahead'),
        end,
      ]),
      make('p', { className: 'quiet' }, [outcome(this.#message)]),
    );
  }
}

function stop(name, time, place) {
  return make('li', { className: place }, [make('span', {}, [name]), ...(time ? [timeOf(time)] : [])]);
}
