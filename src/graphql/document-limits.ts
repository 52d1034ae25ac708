import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  visit,
} from 'graphql';
import { BadUserInputError } from './errors.js';

/** The most that one GraphQL document may ask for. */
export interface DocumentLimits {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
}

interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
}

const NOTHING: Measure = { depth: 0, aliases: 0, fields: 0 };

/** A validation rule that refuses documents deeper, wider or with more aliases than the limits. Fragments count where they are spread. */
export function limitDocument(limits: DocumentLimits): (context: ValidationContext) => ASTVisitor {
  return (context) => ({
    Document(document) {
      const mistake = excess(document, limits);
      if (!mistake) return undefined;
      context.reportError(new GraphQLError(mistake.message, { originalError: mistake }));
      // Some of the other rules take time that grows with the square of the document. They get nothing to look at.
      return { ...document, definitions: [] };
    },
  });
}

function excess(document: DocumentNode, limits: DocumentLimits): BadUserInputError | null {
  // Looked at first, since what walks through fragments, here and in other rules, goes as deep as there are selections.
  if (countSelections(document) > 2 * limits.fields) return tooMuch('fields', limits.fields);
  const measure = measureDocument(document);
  const kind = (['depth', 'aliases', 'fields'] as const).find((each) => measure[each] > limits[each]);
  return kind ? tooMuch(kind, limits[kind]) : null;
}

function tooMuch(kind: keyof DocumentLimits, limit: number): BadUserInputError {
  const what = kind === 'depth' ? 'levels' : kind;
  return new BadUserInputError(`The document asks for too much: ${limit} ${what} are allowed, and it has more.`, kind);
}

/** Fields, fragments and spreads, each counted once. */
function countSelections(document: DocumentNode): number {
  let count = 0;
  const one = () => void (count += 1);
  visit(document, { Field: one, FragmentSpread: one, InlineFragment: one, FragmentDefinition: one });
  return count;
}

function measureDocument(document: DocumentNode): Measure {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const measured = new Map<string, Measure>();

  const ofFragment = (name: string): Measure => {
    const known = measured.get(name);
    if (known) return known;
    // Entered before it is measured, so that a fragment which spreads itself ends here; another rule refuses it.
    measured.set(name, NOTHING);
    const fragment = fragments.get(name);
    const measure = fragment ? ofSelections(fragment.selectionSet) : NOTHING;
    measured.set(name, measure);
    return measure;
  };

  const ofSelections = (set: SelectionSetNode): Measure => {
    let sum = NOTHING;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) sum = add(sum, ofFragment(selection.name.value));
      else if (selection.kind === Kind.INLINE_FRAGMENT) sum = add(sum, ofSelections(selection.selectionSet));
      else {
        const below = selection.selectionSet ? ofSelections(selection.selectionSet) : NOTHING;
        sum = add(sum, {
          depth: below.depth + 1,
          aliases: below.aliases + (selection.alias ? 1 : 0),
          fields: below.fields + 1,
        });
      }
    }
    return sum;
  };

  return document.definitions
    .map((node) => (node.kind === Kind.OPERATION_DEFINITION ? ofSelections(node.selectionSet) : NOTHING))
    .reduce(add, NOTHING);
}

function add(a: Measure, b: Measure): Measure {
  return { depth: Math.max(a.depth, b.depth), aliases: a.aliases + b.aliases, fields: a.fields + b.fields };
}
