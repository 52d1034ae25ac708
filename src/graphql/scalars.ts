import { GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { BadUserInputError } from './errors.js';
import { parseDateTime } from './date-time.js';

/** `DateTime`: ISO 8601 in, UTC with `Z` and milliseconds out. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description:
    'A date and time in ISO 8601. In: with an offset or `Z`, or without one and then GMT (`2023-07-18T15:00:00`). Out: UTC with `Z` and milliseconds (`2023-07-18T15:00:00.000Z`).',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => (value as Date).toISOString(),
  parseValue: readDateTime,
  parseLiteral: (node: ValueNode) => readDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

function readDateTime(value: unknown): Date {
  const parsed = typeof value === 'string' ? parseDateTime(value) : null;
  if (!parsed)
    throw new BadUserInputError(
      'A DateTime must be an ISO 8601 date and time, such as 2023-07-18T15:00:00Z.',
      'DateTime',
    );
  return parsed.time;
}

/** `Token`: the secret that lets a browser connect as one recipient. */
export const TokenScalar = new GraphQLScalarType<string, string>({
  name: 'Token',
  description:
    'Lets whoever bears it connect as one recipient. It is sealed: its holder can neither read nor change it.',
  serialize: String,
  parseValue: String,
});
