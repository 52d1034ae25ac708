// Who takes part: recipients, and the devices that each of them connects with.

/** The topic that some devices are labelled with. */
export const TOPIC = 'news';

/**
 * How a device behaves until the end, when all are honest:
 * `prompt` reads and answers at once, `stalling` does not read for a while, `mute` answers no ping, `leaving` cuts its own
 * connection or stays away, and `proxied` has somebody in between who cuts frames in two or swallows everything.
 */
export const DEVICES = [
  ...['ann', 'ben', 'cleo', 'dan'].map((recipient) => device(recipient, 'prompt')),
  device('eva', 'prompt', { topic: TOPIC }),
  device('fay', 'prompt', { protocol: 'cloudevents.json' }),
  // Two connections at a time, and one of them for a topic.
  device('gil', 'prompt'),
  device('gil', 'prompt'),
  device('hal', 'prompt', { topic: TOPIC }),
  device('hal', 'leaving'),
  device('ida', 'stalling'),
  device('jon', 'stalling', { topic: TOPIC }),
  device('kim', 'mute'),
  device('leo', 'leaving'),
  device('mia', 'leaving', { topic: TOPIC }),
  ...['ned', 'oda', 'pia'].map((recipient) => device(recipient, 'proxied')),
  device('pia', 'proxied', { topic: TOPIC }),
].map((one, i) => ({ ...one, device: i }));

export const RECIPIENTS = [...new Set(DEVICES.map(({ recipient }) => recipient))];

function device(recipient, manner, { topic = null, protocol = null } = {}) {
  return { recipient, manner, topic, protocol };
}
