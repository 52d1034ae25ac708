import cluster, { type Worker } from 'node:cluster';

/** What a process gets from the one that started it. All else it reads for itself: the settings are the same in each. */
export interface Inheritance {
  readonly database: { readonly url: string; readonly embedded: boolean };
  /** Which of them it is, from 0 on. One that takes the place of another has its number. */
  readonly number: number;
  /** Whether it is the one that tells people what happens. */
  readonly speaks: boolean;
}

const VARIABLE = 'HOMING_INHERITANCE';

/** Starts another process of this program. */
export function fork(inheritance: Inheritance): Worker {
  return cluster.fork({ [VARIABLE]: JSON.stringify(inheritance) });
}

/** What `fork` was given for this process. */
export function inherited(): Inheritance {
  return JSON.parse(process.env[VARIABLE] ?? '') as Inheritance;
}
