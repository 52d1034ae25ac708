import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Extensions, GqlExecutionContext } from '@nestjs/graphql';
import {
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLResolveInfo,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** The fields whose length is the caller's choice, by their names. */
export const TEXTS = ['message', 'topic', 'recipient'] as const;
export type TextName = (typeof TEXTS)[number];

/** What an operation selects. Fragments count where they are spread. */
export interface Selection {
  readonly roots: number;
  readonly fields: number;
  /** Characters of the names under which fields are answered, which a caller chooses, too. */
  readonly keys: number;
  /** How often each text is selected. */
  readonly texts: Readonly<Record<TextName, number>>;
}

/** Marks a field of a message, one of `TEXTS`, as a text whose length is the caller's choice. */
export const MessageText = (): PropertyDecorator => Extensions({ messageText: true });

/** What the whole operation selects, for a resolver: `messages(@Selected() selection: Selection)`. */
export const Selected = createParamDecorator((_data: unknown, context: ExecutionContext): Selection =>
  selectionOf(GqlExecutionContext.create(context).getInfo<GraphQLResolveInfo>()),
);

const NO_TEXTS: Selection['texts'] = { message: 0, topic: 0, recipient: 0 };
/** Of what is not answered at all. */
export const NOTHING: Selection = { roots: 0, fields: 0, keys: 0, texts: NO_TEXTS };

/** Of a caller in this process, who gets whole rows: it bounds the texts of a page. */
export const TEXTS_ONCE: Selection = { ...NOTHING, texts: { message: 1, topic: 1, recipient: 1 } };

/** Apollo keeps the documents that it has parsed, so an operation that comes often is measured once. */
const measured = new WeakMap<OperationDefinitionNode, Selection>();

/** What the whole operation selects. */
export function selectionOf(info: GraphQLResolveInfo): Selection {
  const known = measured.get(info.operation);
  if (known) return known;
  const selection = measure(info);
  measured.set(info.operation, selection);
  return selection;
}

function measure({ schema, fragments, operation }: GraphQLResolveInfo): Selection {
  const root = schema.getRootType(operation.operation)!.name;
  const spread = new Map<FragmentDefinitionNode, Selection>();

  const ofFragment = (fragment: FragmentDefinitionNode): Selection => {
    const selection = spread.get(fragment) ?? ofSet(fragment.selectionSet, fragment.typeCondition.name.value);
    spread.set(fragment, selection);
    return selection;
  };

  const ofSet = ({ selections }: SelectionSetNode, typeName: string): Selection =>
    selections
      .map((selection): Selection => {
        if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(fragments[selection.name.value]!);
        if (selection.kind === Kind.INLINE_FRAGMENT)
          return ofSet(selection.selectionSet, selection.typeCondition?.name.value ?? typeName);
        const type = schema.getType(typeName);
        const field = isObjectType(type) ? type.getFields()[selection.name.value] : undefined;
        const below =
          selection.selectionSet && field ? ofSet(selection.selectionSet, getNamedType(field.type).name) : NOTHING;
        return add(below, {
          roots: typeName === root ? 1 : 0,
          fields: 1,
          keys: (selection.alias ?? selection.name).value.length,
          texts: field?.extensions['messageText'] ? { ...NO_TEXTS, [field.name]: 1 } : NO_TEXTS,
        });
      })
      .reduce(add, NOTHING);

  return ofSet(operation.selectionSet, root);
}

function add(a: Selection, b: Selection): Selection {
  const texts = { ...a.texts };
  for (const text of TEXTS) texts[text] += b.texts[text];
  return { roots: a.roots + b.roots, fields: a.fields + b.fields, keys: a.keys + b.keys, texts };
}
