import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql';

/** A validation rule that refuses operations of a kind that the schema has not, such as subscriptions. */
export function knownOperationTypes(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(node) {
      if (context.getSchema().getRootType(node.operation)) return;
      context.reportError(new GraphQLError(`There are no operations of the type ${node.operation}.`, { nodes: node }));
    },
  };
}
