/** A process ended before it listened. It has said why. */
export class ProcessEndedError extends Error {
  constructor() {
    super('one of its processes ended. See what was said above.');
    this.name = 'ProcessEndedError';
  }
}
