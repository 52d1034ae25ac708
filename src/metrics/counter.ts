/** A number that only grows. Plain, since it is counted on the way of a message. */
export class Counter {
  value = 0;

  add(count = 1): void {
    this.value += count;
  }
}
