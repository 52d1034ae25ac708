export type Fate = 'unheard' | 'lost' | 'twice' | 'held back';

/** Lets the jobs of an installation's queue meet fates that no job should meet. */
export interface Faults {
  /** How often each fate that there is here befell something: a fault that nothing meets would prove nothing. */
  readonly befell: Readonly<Partial<Record<Fate, number>>>;
  /** The next so many jobs, or events, of any node meet this fate. */
  disturb(fate: Fate, count: number): void | Promise<void>;
  /** Nothing is disturbed from now on; what is held back still is. */
  calm(): void | Promise<void>;
  /** Adds the jobs that were held back, the last one first. */
  release(): Promise<void>;
  /** Removes every job, waiting, delayed or active, and the schedules. */
  empty(): Promise<void>;
}
