import { getNamedType, getVariableValues, type GraphQLSchema, isCompositeType } from 'graphql';
import { type ComplexityEstimator } from 'graphql-query-complexity';
import { type Issue } from '../../errors';
import { type CostedField, planCost, type PlannedOperation } from './cost-plan';

/** An operation that is about to be executed; its document is valid. */
export interface Operation extends PlannedOperation {
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface OperationCost {
  readonly cost: number;
  /** What each root field costs, by its name in the answer. */
  readonly shares: readonly { readonly path: string; readonly cost: number }[];
}

/** @throws GraphQLError for an argument without a value */
export type CostOf = (variables: Operation['variables']) => OperationCost;

/**
 * What an operation costs at most: what its fields declare; else one for each object, times `first` where a field takes
 * it. Fragments count wherever they are spread, and what `@skip` and `@include` leave out does not.
 *
 * @returns what it costs with variables of their types; with others it is not executed, whatever this says
 */
export function costOfOperation(schema: GraphQLSchema, operation: PlannedOperation): CostOf {
  const root = schema.getRootType(operation.definition.operation);
  let shares: { path: string; cost: number }[] = [];
  const plan = planCost(schema, operation, (field) => {
    const cost = declared(field) ?? generally(field);
    if (field.type === root) shares.push({ path: field.node.alias?.value ?? field.node.name.value, cost });
    return cost;
  });
  return (variables) => {
    shares = [];
    return { cost: plan(variables), shares };
  };
}

/** @returns null when its variables are not of their types: it will not be executed */
export function operationCost(
  schema: GraphQLSchema,
  { variables, ...operation }: Operation,
): OperationCost | null {
  const { errors } = getVariableValues(schema, operation.definition.variableDefinitions ?? [], variables);
  return errors ? null : costOfOperation(schema, operation)(variables);
}

function declared({ field, ...asked }: CostedField): number | undefined {
  const complexity = field.extensions['complexity'] as number | ComplexityEstimator | undefined;
  if (typeof complexity === 'number') return complexity + asked.childComplexity;
  return complexity?.({ ...asked, field }) as number | undefined;
}

function generally({ field, args, childComplexity }: CostedField): number {
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
