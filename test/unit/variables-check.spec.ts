import { buildSchema, type DocumentNode, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { variablesCheck } from '../../src/graphql/variables-check.js';

const schema = buildSchema(`
  input PushInput { recipients: [String!]! }
  type Query { push(input: PushInput): String list(names: [String!]): String }
`);

/** Checks a request, and gives how often the whole document was walked. */
async function check(source: string, variables: Record<string, unknown>): Promise<number> {
  const parsed = parse(source);
  let walks = 0;
  const document: DocumentNode = {
    kind: Kind.DOCUMENT,
    get definitions() {
      walks += 1;
      return parsed.definitions;
    },
  };
  const listener = await variablesCheck({ maxRecipients: 3 }).requestDidStart!(
    {} as Parameters<NonNullable<ReturnType<typeof variablesCheck>['requestDidStart']>>[0],
  );
  await (listener as { didResolveOperation(context: unknown): Promise<void> }).didResolveOperation({
    schema,
    document,
    operation: parsed.definitions[0] as OperationDefinitionNode,
    request: { variables },
  });
  return walks;
}

const PUSH = 'query($input: PushInput) { push(input: $input) }';
const LIST = 'query($names: [String!]) { list(names: $names) }';

describe('the check of variables', () => {
  it.each([
    ['in an input', PUSH, { input: { recipients: ['a', 'b', 'c', 'd'] } }, 'input.recipients'],
    ['in the place of an argument', LIST, { names: ['a', 'b', 'c', 'd'] }, 'names'],
    ['whatever it holds', PUSH, { input: { recipients: [1, null, {}, []] } }, 'input.recipients'],
  ])('refuses a list that is too long, %s', async (_where, source, variables, field) => {
    await expect(check(source, variables)).rejects.toMatchObject({
      message: `${field} must not name more than 3 recipients.`,
      extensions: { code: 'BAD_USER_INPUT', field },
    });
  });

  it('does not walk the document for variables without a mistake, of which there may be thousands', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `v${i}`);
    const source = `query(${names.map((name) => `$${name}: String!`).join(' ')}) { list(names: [${names.map((name) => `$${name}`).join(' ')}]) }`;
    expect(await check(source, Object.fromEntries(names.map((name) => [name, 'a'])))).toBe(0);
    expect(await check(PUSH, { input: { recipients: ['a', 'b', 'c'] } })).toBe(0);
  });
});
