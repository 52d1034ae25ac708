import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  buildSchema,
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { literal } from '../operations.js';
import { anyText, edited, JUNK_TEXTS } from './texts.js';

/** A request as an attacker with a key sends it. */
export interface HostileRequest {
  readonly body: string;
  readonly contentType: string;
}

interface Argument {
  readonly name: string;
  readonly type: string;
  readonly value: unknown;
  readonly asVariable: boolean;
}

interface RootField {
  readonly alias: string;
  readonly name: string;
  readonly args: readonly Argument[];
  readonly selection: string;
}

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));

const anyScalar: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  Int: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer(), fc.constantFrom(0, -1, 2 ** 31 - 1, 2 ** 31, 1.5)),
  ID: fc.oneof(fc.uuid(), anyText),
  DateTime: fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom('2099-01-01', '2099-12-31T23:59:59+14:00', '9999-12-31T23:59:59-12:00', '0001-01-01', '2099-02-30'),
    anyText,
  ),
};

/** Whatever JSON can say, nested or not. */
const anyJson = fc.oneof(fc.jsonValue({ maxDepth: 4 }), anyText, fc.constantFrom(...JUNK_TEXTS));

/** Mostly what the type wants, now and then something else. */
function valueOf(type: GraphQLInputType): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 60, arbitrary: fitting(type) }, { weight: 1, arbitrary: anyJson });
}

function fitting(type: GraphQLInputType): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return fitting(type.ofType);
  if (isListType(type)) return fc.array(valueOf(type.ofType), { maxLength: 4 });
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const required = fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name);
    const values = Object.fromEntries(fields.map((field) => [field.name, valueOf(field.type)]));
    return fc.record(values, { requiredKeys: required });
  }
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  return anyScalar[type.name] ?? anyText;
}

/** The braces of a selection from the type; nothing for a leaf. */
function selectionOf(type: GraphQLNamedType): fc.Arbitrary<string> {
  if (!isObjectType(type)) return fc.constant('');
  const fields = Object.values(type.getFields()).map((field) =>
    selectionOf(getNamedType(field.type)).map((below) => `${field.name}${below}`),
  );
  const any = fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...fields) },
    { weight: 1, arbitrary: fc.constantFrom('__typename', '...f', 'a: __typename', 'nothing', '... { __typename }') },
  );
  return fc.array(any, { minLength: 1, maxLength: 4 }).map((all) => ` { ${all.join(' ')} }`);
}

function rootField(field: GraphQLField<unknown, unknown>): fc.Arbitrary<RootField> {
  const args = field.args.map(({ name, type }) =>
    fc.option(
      fc.record({
        name: fc.constant(name),
        type: fc.constant(String(type)),
        value: valueOf(type),
        asVariable: fc.boolean(),
      }),
      { nil: undefined, freq: isNonNullType(type) ? 50 : 1 },
    ),
  );
  return fc.record({
    alias: fc.constantFrom('', '', '', 'a: ', '__proto__: ', 'constructor: '),
    name: fc.constant(field.name),
    args: fc.tuple(...args).map((all) => all.filter((arg) => arg !== undefined)),
    selection: selectionOf(getNamedType(field.type)),
  });
}

const anyOperation = fc
  .constantFrom(schema.getQueryType()!, schema.getMutationType()!)
  .chain((root) =>
    fc
      .array(fc.oneof(...Object.values(root.getFields()).map(rootField)), { minLength: 1, maxLength: 3 })
      .map((fields) => print(root.name.toLowerCase(), fields)),
  );

function print(kind: string, fields: readonly RootField[]): { query: string; variables: Record<string, unknown> } {
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  const printed = fields.map(({ alias, name, args, selection }) => {
    const given = args.map((arg) => {
      if (!arg.asVariable) return `${arg.name}: ${literal(arg.value)}`;
      const variable = `v${declared.length}`;
      variables[variable] = arg.value;
      declared.push(`$${variable}: ${arg.type}`);
      return `${arg.name}: $${variable}`;
    });
    return `${alias}${name}${given.length > 0 ? `(${given.join(', ')})` : ''}${selection}`;
  });
  const head = declared.length > 0 ? `${kind} q(${declared.join(', ')})` : `${kind} q`;
  return { query: `${head} { ${printed.join(' ')} }`, variables };
}

const DOCUMENT_JUNK = [
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '!',
    '$',
    '$v0',
    ':',
    '...',
    '@',
    '#',
    '"',
    '"""',
    '&',
    '|',
    '=',
    '\\',
    '\\u{110000}',
  ],
  ...['query', 'mutation', 'subscription', 'fragment f on Query { version }', ' ...f ', 'null', 'true', '1e999', '-0'],
  ...['@skip(if: true)', '@include(if: $v0)', '@deprecated', '@defer', '__schema { types { name } }', '__typename'],
  '__type(name: "Message") { fields { name type { ofType { name } } } }',
  '{a'.repeat(300),
  '['.repeat(3_000),
  'version '.repeat(600),
  ...JUNK_TEXTS,
];

/** Left out, but for one in twenty. */
const rarely = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 19, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

/** Some requests are as the schema wants them, and the others were damaged: the document, the variables or the whole body. */
export const anyRequest: fc.Arbitrary<HostileRequest> = fc.record({
  body: edited(
    anyOperation
      .chain(({ query, variables }) =>
        fc.record({
          query: fc.oneof(
            { weight: 10, arbitrary: edited(fc.constant(query), DOCUMENT_JUNK) },
            { weight: 1, arbitrary: anyJson },
          ),
          variables: fc.oneof({ weight: 10, arbitrary: fc.constant(variables) }, { weight: 1, arbitrary: anyJson }),
          operationName: rarely(fc.oneof(fc.constantFrom<unknown>('q', 'constructor', null), anyJson)),
          extensions: rarely(anyJson),
        }),
      )
      .map((request) => JSON.stringify(request)),
    ['{', '}', '[', ']', ',', '"', '\\', '\\u0000', '\\ud800', '"__proto__":{"polluted":1},', '1e999', ...JUNK_TEXTS],
    0.1,
  ),
  contentType: fc.oneof(
    { weight: 30, arbitrary: fc.constant('application/json') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'application/graphql-response+json',
        'application/json; charset=utf-16',
        'text/plain',
        'x',
      ),
    },
  ),
});
