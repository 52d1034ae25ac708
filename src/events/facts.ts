/** What an event is made of, by the names of its fields. A time may be as JSON has it. */
export type Facts<E> = {
  readonly [Field in keyof E as E[Field] extends (...args: never[]) => unknown ? never : Field]: Date extends E[Field]
    ? E[Field] | string
    : E[Field];
};

/** A time of an event, as it is or as JSON has it. */
export function timeOf(time: Date | string): Date {
  return new Date(time);
}
