// The texts of messages: the name of the push first, by which everybody speaks of it, and perhaps a long rest.

export function textOf(key, padding) {
  return padding === 0 ? key : `${key} ${'x'.repeat(padding)}`;
}

export function keyOf(text) {
  return text.split(' ', 1)[0];
}
