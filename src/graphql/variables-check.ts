import type { ApolloServerPlugin, GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import {
  BREAK,
  coerceInputValue,
  type DocumentNode,
  type GraphQLError,
  isInputType,
  Kind,
  typeFromAST,
  visit,
} from 'graphql';
import type { SettingValues } from '../config/settings.js';
import { BadUserInputError } from './errors.js';

/** As much of graphql's own sentence as is shown: it repeats the value, which may be megabytes. */
const LONGEST_SENTENCE = 200;

/**
 * Answers the first variable whose value does not fit its type, with the path of the field that it was meant for.
 * graphql would collect fifty such mistakes and repeat the whole value in each: a large one would take the node's time and memory.
 */
export function variablesCheck({ maxRecipients }: Pick<SettingValues, 'maxRecipients'>): ApolloServerPlugin {
  return { requestDidStart: async () => ({ didResolveOperation: async (context) => check(context, maxRecipients) }) };
}

function check(
  { schema, document, operation, request }: GraphQLRequestContextDidResolveOperation<object>,
  longest: number,
): void {
  const given = request.variables ?? {};
  for (const { variable, type: typeNode, defaultValue } of operation?.variableDefinitions ?? []) {
    const name = variable.name.value;
    const value: unknown = Object.hasOwn(given, name) ? given[name] : undefined;
    const type = typeFromAST(schema, typeNode);
    if ((value === undefined && defaultValue) || !isInputType(type)) continue;
    const long = longList(value, longest);
    if (long) {
      const field = [...usePath(document, name), ...long].join('.');
      throw new BadUserInputError(`${field} must not name more than ${longest} recipients.`, field, { status: 400 });
    }
    coerceInputValue(value, type, (path, _value, error) => {
      const field = [...usePath(document, name), ...path, ...missingOrUnknown(error)].join('.');
      throw new BadUserInputError(`${field}: ${shorten(error.message)}`, field, { status: 400 });
    });
  }
}

/**
 * Where in the value a list is too long, or null. The only lists that the schema takes are of recipients. Millions of names
 * would be walked many times before they were counted.
 */
function longList(value: unknown, longest: number): string[] | null {
  if (Array.isArray(value)) return value.length > longest ? [] : null;
  if (typeof value !== 'object' || value === null) return null;
  const long = Object.entries(value).find(([, below]) => Array.isArray(below) && below.length > longest);
  return long ? [long[0]] : null;
}

/**
 * Where the variable is used: the names of the argument and of the input fields that lead to it. It walks the document, which
 * may have thousands of variables: it is asked for a mistake alone.
 */
function usePath(document: DocumentNode, name: string): string[] {
  let path = [name];
  visit(document, {
    VariableDefinition: () => false,
    Variable(node, _key, parent, _path, ancestors) {
      if (node.name.value !== name) return undefined;
      path = [...ancestors, parent].flatMap((above) =>
        above && 'kind' in above && (above.kind === Kind.ARGUMENT || above.kind === Kind.OBJECT_FIELD)
          ? [above.name.value]
          : [],
      );
      return BREAK;
    },
  });
  return path;
}

/** graphql gives the path of the object in which a field is missing or unknown; its name stands in the sentence alone. */
function missingOrUnknown(error: GraphQLError): string[] {
  const name = /^Field "([^"]+)" (?:of required type|is not defined by type)/.exec(error.message)?.[1];
  return name === undefined ? [] : [shorten(name)];
}

function shorten(text: string): string {
  return text.length > LONGEST_SENTENCE ? `${text.slice(0, LONGEST_SENTENCE)}...` : text;
}
