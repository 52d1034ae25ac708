// Messages to one recipient whose pushes were answered one after the other arrive in that order: on every connection, and
// over all connections of a device that is its recipient's only one. Messages to recipients and global ones are two streams.

/** A sentence for each message that a recipient saw behind one that was sent after it had been answered, or twice on a connection. */
export function orderFaults(pushes, sightings) {
  const places = [
    ...sightings.connections.map(({ connection, recipient, frames }) => ({
      recipient,
      name: `connection ${connection}`,
      keys: frames.map(({ key }) => key),
    })),
    ...sightings.soleDevices.map((connections) => ({
      recipient: connections[0].recipient,
      name: 'the only device',
      keys: [...new Set(connections.flatMap(({ frames }) => frames.map(({ key }) => key)))],
    })),
  ];
  const faults = new Map();
  for (const { recipient, name, keys } of places) {
    const seen = keys.flatMap((key) => pushes.get(key) ?? []);
    const direct = seen.filter(({ recipients }) => recipients !== null);
    const global = seen.filter(({ recipients }) => recipients === null);
    for (const [key, how] of [...twice(keys), ...misplaced(direct), ...misplaced(global)])
      faults.set(`${recipient} ${key}`, `${key} came ${how} on ${name} of ${recipient}`);
  }
  return [...faults.values()];
}

function twice(keys) {
  const seen = new Set();
  return keys.flatMap((key) => {
    const again = seen.has(key);
    seen.add(key);
    return again ? [[key, 'twice']] : [];
  });
}

/** Unacknowledged pushes have no place in the order. */
function misplaced(pushes) {
  let latest = null;
  const faults = [];
  for (const push of pushes.filter(({ answered }) => answered !== null)) {
    if (latest && push.answered < latest.sent) faults.push([push.key, `behind ${latest.key}`]);
    if (!latest || push.sent > latest.sent) latest = push;
  }
  return faults;
}
