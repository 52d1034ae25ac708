// Texts that bear the moment at which they were sent, by a clock that all processes of a machine share.

/** Milliseconds of that clock. */
function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** A text that is sent now. */
export function dated(text) {
  return `${now()} ${text}`;
}

/** How long ago a text was sent, in milliseconds. */
export function ageOf(text) {
  return now() - parseFloat(text);
}
