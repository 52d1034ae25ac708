// Whose code a frame of a profile is.

/** What is told apart, in the order of the legend: how it is called, its colour, and the packages that are meant. */
export const ORIGINS = {
  ours: { label: 'Homing', colour: '#f2a33a' },
  ws: { label: 'ws', colour: '#7cc36a', packages: /^ws$/ },
  pg: { label: 'pg and TypeORM', colour: '#6fa8dc', packages: /^(pg(-.*)?|postgres-.*|typeorm)$/ },
  queue: {
    label: 'BullMQ and ioredis',
    colour: '#e4827a',
    packages: /^(bullmq|ioredis|@ioredis\/.*|redis-.*|@nestjs\/bull.*)$/,
  },
  graphql: {
    label: 'Apollo and GraphQL',
    colour: '#d68fd6',
    packages: /^(graphql|graphql-.*|@graphql-tools\/.*|@apollo\/.*|@as-integrations\/.*|@nestjs\/(graphql|apollo))$/,
  },
  web: {
    label: 'Nest, Express and others',
    colour: '#b3a2ea',
    packages: /./,
  },
  node: { label: 'Node’s own JavaScript', colour: '#a9b4be' },
  native: { label: 'native code', colour: '#d0c8a8' },
  garbage: { label: 'garbage collector', colour: '#c9a27e' },
};

/** One of the keys of `ORIGINS`. */
export function originOf({ functionName, url }) {
  if (functionName === '(garbage collector)') return 'garbage';
  if (url === '') return 'native';
  if (url.startsWith('node:')) return 'node';
  const name = packageOf(url);
  if (name === null) return 'ours';
  return Object.keys(ORIGINS).find((origin) => ORIGINS[origin].packages?.test(name));
}

/** What a frame is called: its function, file and line, the file without what is the same for all of them. */
export function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || '(anonymous)';
  if (url === '') return name;
  const place = url
    .replace(/^.*\/node_modules\//, 'node_modules/')
    .replace(/^file:\/\/.*\/dist\/src\//, 'src/')
    .replace(/^file:\/\/.*\/(?=dist\/)/, '');
  return `${name} ${place}:${lineNumber + 1}`;
}

function packageOf(url) {
  return /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? null;
}
