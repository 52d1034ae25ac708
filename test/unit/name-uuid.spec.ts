import { expect, it } from 'vitest';
import { nameUuid } from '../../src/events/name-uuid.js';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

it.each([
  // The example of RFC 9562, appendix A.4.
  [DNS, 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  // As Python's `uuid.uuid5` makes them.
  ['00000000-0000-4000-8000-000000000000', 'anna', '7b6395c7-9259-5966-b44d-313f1f265f64'],
  ['FFFFFFFF-ffff-4fff-bfff-ffffffffffff', 'née ☃ 🚀', 'b8171dd6-92df-561a-92be-68519491e260'],
])('the UUID of a name is that of RFC 9562, version 5: in %s, of %s', (namespace, name, uuid) => {
  expect(nameUuid(namespace, name)).toBe(uuid);
});
