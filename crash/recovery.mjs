/** Within this everything must be up again, in milliseconds: longer than it should take, even on a machine with far too much to do. */
export const RECOVERY = 180_000;
