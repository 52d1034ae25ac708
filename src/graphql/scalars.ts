import { GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { parseDateTime } from './date-time.js';

/**
 * `DateTime`: ISO 8601 in, UTC with `Z` and milliseconds out. What is no date becomes an invalid `Date`: the scalar does
 * not know which field it stands in, the validation of the input (`@IsTime()`) does, and names it.
 */
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
  return parsed?.time ?? new Date(Number.NaN);
}

/** `Token`: the secret that lets a browser connect as one recipient. */
export const TokenScalar = new GraphQLScalarType<string, string>({
  name: 'Token',
  description:
    'Lets whoever bears it connect as one recipient. It is sealed: its holder can neither read nor change it.',
  serialize: String,
  parseValue: String,
});
