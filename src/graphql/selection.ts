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

/** What an operation selects: root fields, fields in all, and texts of messages. Fragments count where they are spread. */
export interface Selection {
  readonly roots: number;
  readonly fields: number;
  readonly texts: number;
}

/** Marks a field as the text of a message, which may be large. */
export const MessageText = (): PropertyDecorator => Extensions({ messageText: true });

/** What the whole operation selects, for a resolver: `messages(@Selected() selection: Selection)`. */
export const Selected = createParamDecorator((_data: unknown, context: ExecutionContext): Selection =>
  selectionOf(GqlExecutionContext.create(context).getInfo<GraphQLResolveInfo>()),
);

const NOTHING: Selection = { roots: 0, fields: 0, texts: 0 };

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
          texts: field?.extensions['messageText'] ? 1 : 0,
        });
      })
      .reduce(add, NOTHING);

  return ofSet(operation.selectionSet, root);
}

function add(a: Selection, b: Selection): Selection {
  return { roots: a.roots + b.roots, fields: a.fields + b.fields, texts: a.texts + b.texts };
}
