import 'reflect-metadata';
import { HANDLED_EVENTS, type HandledEventClass } from '../events/handled-events.js';

/** What a durable handler is called, and how it is tried. */
export interface DurableOptions {
  /**
   * Makes the handler durable, and names its queue for good: a handler of another name begins with what happens from then on.
   * Letters, digits, `-` and `_`, 64 at most; each name belongs to one handler.
   */
  readonly durable: string;
  /** How long after the event the handler is called, in milliseconds. By default 0: at once. */
  readonly delay?: number;
  /** How often an event is tried before it is given up; each wait is twice as long as the one before, from 1 s on. From 1 to 20, by default 12: about half an hour. */
  readonly attempts?: number;
  /** How many events each node with the role `worker` hands to it at the same time. From 1 to 1,000, by default 10. */
  readonly concurrency?: number;
  /** How long an attempt may take, in milliseconds, before it counts as failed. What it does is not stopped by that. By default 30,000. */
  readonly timeout?: number;
}

/** How a durable handler is tried, with all that was left to the defaults. */
export type DurablePlan = Required<DurableOptions>;

/** What a method handles. */
export interface Handling {
  readonly eventClass: HandledEventClass;
  /** Null where it is live. */
  readonly durable: DurablePlan | null;
}

const HANDLINGS = 'homing:handlings';
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
/** Least and most. The waits for 20 attempts take six days together. No timer runs longer than that time-out. */
const BOUNDS = {
  delay: [0, Number.MAX_SAFE_INTEGER],
  attempts: [1, 20],
  concurrency: [1, 1_000],
  timeout: [1, 2_147_483_647],
} as const;
const DEFAULTS = { delay: 0, attempts: 12, concurrency: 10, timeout: 30_000 } as const;

/**
 * Lets a method of a provider handle domain events: `@OnDomainEvent(MessageDelivered)`. Such a handler is live: it is called in the
 * process in which the event happens, soon after it, and misses what happens while it is overrun or the process ends. With
 * `{ durable: 'receipts' }` each event is handed, at least once, to the handler on some node, and again after an error.
 *
 * The provider must be a singleton. A method may handle several classes of events.
 * @throws Error when the class is none of domain events, or an option can't be used
 */
export function OnDomainEvent<C extends HandledEventClass>(
  eventClass: C,
  options?: DurableOptions,
): <M extends (event: InstanceType<C>) => unknown>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void {
  // In a circle of imports the class may not be there yet.
  if (!HANDLED_EVENTS.includes(eventClass)) throw new Error('@OnDomainEvent needs a class of domain events.');
  const durable = options ? planOf(options) : null;
  return (_target, _key, { value: method }) => {
    if (!method) return;
    Reflect.defineMetadata(HANDLINGS, [...handlingsOf(method), { eventClass, durable }], method);
  };
}

/** What this method was made to handle. */
export function handlingsOf(method: object): readonly Handling[] {
  return (Reflect.getMetadata(HANDLINGS, method) as readonly Handling[] | undefined) ?? [];
}

function planOf(options: DurableOptions): DurablePlan {
  const plan = { ...DEFAULTS, ...options };
  if (!NAME.test(plan.durable))
    throw new Error(`A durable handler can't be called "${plan.durable}": use letters, digits, - and _, 64 at most.`);
  for (const option of ['delay', 'attempts', 'concurrency', 'timeout'] as const) {
    const [least, most] = BOUNDS[option];
    if (!Number.isInteger(plan[option]) || plan[option] < least || plan[option] > most)
      throw new Error(
        `The ${option} of the durable handler ${plan.durable} must be a whole number from ${least} to ${most}.`,
      );
  }
  return plan;
}
