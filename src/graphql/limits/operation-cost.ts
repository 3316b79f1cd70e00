import {
  type DocumentNode,
  getNamedType,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  isCompositeType,
  type OperationDefinitionNode,
} from 'graphql';
import {
  type ComplexityEstimatorArgs,
  fieldExtensionsEstimator,
  getComplexity,
} from 'graphql-query-complexity';
import { type Issue } from '../../errors';

/** An operation that is about to be executed; its document is valid. */
export interface Operation {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface OperationCost {
  readonly cost: number;
  /** What each root field costs, by its name in the answer. */
  readonly shares: readonly { readonly path: string; readonly cost: number }[];
}

const declared = fieldExtensionsEstimator();

/**
 * What an operation costs at most: what its fields declare; else one for each object, times `first` where a field takes
 * it. Fragments count wherever they are spread, and what `@skip` and `@include` leave out does not.
 *
 * @returns null when its variables are not of their types: it will not be executed
 * @throws GraphQLError for an argument without a value
 */
export function operationCost(schema: GraphQLSchema, operation: Operation): OperationCost | null {
  const { document, definition, variables } = operation;
  const shares: { path: string; cost: number }[] = [];
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const estimate = (field: ComplexityEstimatorArgs): number => {
    const of = declared(field);
    const cost = typeof of === 'number' ? of : generally(field);
    if (roots.some((root) => root === field.type)) {
      shares.push({ path: field.node.alias?.value ?? field.node.name.value, cost });
    }
    return cost;
  };
  try {
    const cost = getComplexity({
      schema,
      query: document,
      variables: { ...variables },
      estimators: [estimate],
      ...(definition.name && { operationName: definition.name.value }),
    });
    return { cost, shares };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const { errors } = getVariableValues(schema, definition.variableDefinitions ?? [], variables);
    if (errors) return null;
    throw error;
  }
}

function generally({ field, args, childComplexity }: ComplexityEstimatorArgs): number {
  if (!isCompositeType(getNamedType(field.type))) return 0;
  const first: unknown = args['first'];
  return 1 + (typeof first === 'number' ? Math.max(1, first) : 1) * childComplexity;
}

/** The dearest parts of an operation, three at most. */
export function dearest({ shares }: OperationCost): Issue[] {
  return [...shares]
    .sort((left, right) => right.cost - left.cost)
    .slice(0, 3)
    .map(({ path, cost }) => ({ path, message: `costs ${cost}` }));
}
