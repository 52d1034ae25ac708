import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What is read of a service in `compose.yaml`. */
export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly [kind: string, ...line: string[]] };
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address: string }>>;
  readonly stop_grace_period?: string;
}

/** `compose.yaml` with the values of its variables, the services in an order in which they can be started. */
export function readCompose(variables: Readonly<Record<string, string>>): ReadonlyMap<string, ComposeService> {
  const given = (text: string) =>
    text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string | undefined, more: string) => {
      const value = variables[name] ?? '';
      if (value !== '') return value;
      if (kind !== '-') throw new Error(`compose.yaml needs ${name}. ${more}`);
      return more;
    });
  const { services } = parse(
    readFileSync('compose.yaml', 'utf8'),
    (_key, value: unknown) => (typeof value === 'string' ? given(value) : value),
    { merge: true },
  ) as { services: Record<string, ComposeService> };
  const ordered = new Map<string, ComposeService>();
  const add = (name: string): void => {
    const service = services[name];
    if (!service) throw new Error(`compose.yaml has no service ${name}`);
    for (const other of Object.keys(service.depends_on ?? {})) if (!ordered.has(other)) add(other);
    ordered.set(name, service);
  };
  Object.keys(services).forEach(add);
  return ordered;
}

/** What the image starts, and how it is asked whether it is well, as its `Dockerfile` says; and its variables. */
export function readImage(): {
  readonly command: readonly string[];
  readonly health: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
} {
  const text = readFileSync('Dockerfile', 'utf8');
  const stage = text.slice(text.lastIndexOf('\nFROM '));
  const line = (pattern: RegExp) => JSON.parse(pattern.exec(stage)?.[1] ?? '[]') as string[];
  return {
    command: line(/^CMD (.*)$/m),
    health: line(/^HEALTHCHECK .*CMD (.*)$/m),
    environment: Object.fromEntries(
      [...stage.matchAll(/^ENV (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    ),
  };
}
