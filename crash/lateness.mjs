// Nothing is sent after its expiry. What can be seen is when it arrives, so only connections count that read at once and
// have nobody in between, and three things are allowed for:
// - The way of a frame through this machine takes up to LATE_TOLERANCE.
// - While the recipients' process itself was not let run it could not read. It notices that, and that time is taken off.
// - A node may be stopped by SIGSTOP just between looking at the clock and writing. Nothing in it could know. Such a pause
//   explains what one look of that node at the clock lets out: one message, or what one connection is given. More is a fault.

/** In milliseconds. */
export const LATE_TOLERANCE = 250;

/** A sentence for each message that was seen too late, and how many were excused by a pause. */
export function lateSights({ pauses }, pushes, { connections, stalls }) {
  const late = connections
    .filter(({ prompt }) => prompt)
    .flatMap(({ connection, node, recipient, frames }) =>
      frames.map(({ key, at }) => ({
        key,
        at,
        connection,
        node,
        recipient,
        expiresAt: pushes.get(key)?.expiresAt ?? null,
      })),
    )
    .filter(
      ({ at, expiresAt }) => expiresAt !== null && at - expiresAt - spent(stalls, expiresAt, at) > LATE_TOLERANCE,
    );
  const excused = new Set(
    pauses.flatMap((pause) => {
      const explained = late.filter(
        ({ at, node, expiresAt }) =>
          node === pause.node &&
          at >= pause.to &&
          at - expiresAt - spent([...stalls, pause], expiresAt, at) <= LATE_TOLERANCE,
      );
      const looks = Math.min(...['connection', 'key'].map((field) => new Set(explained.map((one) => one[field])).size));
      return looks === 1 ? explained : [];
    }),
  );
  return {
    excused: excused.size,
    faults: late
      .filter((one) => !excused.has(one))
      .map(
        ({ key, at, recipient, expiresAt }) => `${key} was seen by ${recipient} ${at - expiresAt} ms after its expiry`,
      ),
  };
}

/** How much of the time between the two is covered by the spans. */
function spent(spans, begin, end) {
  const inside = spans
    .map(({ from, to }) => ({ from: Math.max(from, begin), to: Math.min(to, end) }))
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from);
  let covered = 0;
  let reached = begin;
  for (const { from, to } of inside) {
    covered += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return covered;
}
