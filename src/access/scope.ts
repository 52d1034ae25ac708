/** The first segment of every scope of this service. */
export const SCOPE_SERVICE = 'websockets-manager-api';

/** Every operation of the API, as a scope names it. */
export const OPERATIONS = [
  'query:globalMessages',
  'query:messages',
  'query:version',
  'mutation:pushGlobalMessage',
  'mutation:pushMessage',
  'mutation:registerRecipient',
] as const;

const SCOPE_FORM = /^(?:[A-Za-z0-9-]+|\*):(?:query|mutation|\*):(?:[A-Za-z_][A-Za-z0-9_]*|\*)$/;

/**
 * Splits the scopes of a new key, which are separated by spaces.
 * @throws Error with a sentence when one is not `websockets-manager-api:<query|mutation>:<field>` with `*` allowed in
 * each place, or covers no operation.
 */
export function parseScopes(text: string): string[] {
  const scopes = text.split(/\s+/).filter((scope) => scope !== '');
  if (scopes.length === 0) throw new Error('At least one scope is needed, such as websockets-manager-api:mutation:*.');
  for (const scope of scopes) {
    if (!SCOPE_FORM.test(scope)) {
      throw new Error(
        `"${scope}" is not a scope. A scope is ${SCOPE_SERVICE}:<query|mutation>:<field>, with * allowed in each place.`,
      );
    }
    if (!OPERATIONS.some((operation) => allows([scope], `${SCOPE_SERVICE}:${operation}`))) {
      throw new Error(
        `"${scope}" covers no operation. A scope is ${SCOPE_SERVICE}: and one of ${OPERATIONS.join(', ')}, with * allowed in each place.`,
      );
    }
  }
  return scopes;
}

/** Whether one of the granted scopes, `*` allowed per segment, covers the scope that is needed. */
export function allows(granted: readonly string[], needed: string): boolean {
  const wanted = needed.split(':');
  return granted.some((scope) => {
    const segments = scope.split(':');
    return (
      segments.length === wanted.length && segments.every((segment, i) => segment === '*' || segment === wanted[i])
    );
  });
}
