import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getNamedType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
  valueFromAST,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/** A field as an estimator sees it. */
export interface CostedField {
  readonly field: GraphQLField<unknown, unknown>;
  /** Variables are as they came: lists and numbers are what they will be, where the variables are of their types. */
  readonly args: Variables;
  readonly childComplexity: number;
  readonly node: FieldNode;
  readonly type: GraphQLCompositeType;
}

export type Estimate = (field: CostedField) => number;

/** What an operation costs with these variables. @throws GraphQLError for an argument without a value */
export type CostPlan = (variables: Variables) => number;

/** An operation of a valid document. */
export interface PlannedOperation {
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
}

/** A selection's part: what it adds, to which of the possible types. */
interface Part {
  readonly types: readonly string[];
  /** Null: always. */
  readonly isIncluded: ((variables: Variables) => boolean) | null;
  readonly cost: Cost;
}

/** A number where no variable matters. */
type Cost = number | CostPlan;

const costWith = (cost: Cost, variables: Variables): number =>
  typeof cost === 'number' ? cost : cost(variables);

/**
 * Prepares what can be known of an operation's cost without its variables, so that the rest takes next to nothing. Of
 * the types that something may be of, the dearest counts.
 */
export function planCost(
  schema: GraphQLSchema,
  { document, definition: operation }: PlannedOperation,
  estimate: Estimate,
): CostPlan {
  const root = schema.getRootType(operation.operation);
  if (!root) return () => 0;
  const planner = new Planner(schema, { document, root, estimate });
  const cost = planner.selection(operation.selectionSet.selections, root);
  const plan: CostPlan = (variables) => costWith(cost, variables);
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, untyped(defaultValue)] as const] : [],
  );
  if (defaults.length === 0) return plan;
  return (variables) => {
    const known: Record<string, unknown> = { ...variables };
    for (const [name, value] of defaults) if (known[name] === undefined) known[name] = value;
    return plan(known);
  };
}

class Planner {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly planned = new Map<string, Cost>();
  private readonly root: GraphQLCompositeType;
  private readonly estimate: Estimate;

  constructor(
    private readonly schema: GraphQLSchema,
    of: { readonly document: DocumentNode; readonly root: GraphQLCompositeType; readonly estimate: Estimate },
  ) {
    this.root = of.root;
    this.estimate = of.estimate;
    for (const definition of of.document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  selection(selections: readonly SelectionNode[], type: GraphQLCompositeType): Cost {
    const parts = selections.flatMap((selection) => this.part(selection, type) ?? []);
    const types = [...new Set(parts.flatMap((part) => part.types))];
    const perType = types.map((name) => parts.filter((part) => part.types.includes(name)));
    const dearestWith = (variables: Variables): number => {
      const costs = new Map<Part, number>();
      for (const part of parts)
        costs.set(part, part.isIncluded?.(variables) === false ? 0 : costWith(part.cost, variables));
      let dearest = 0;
      for (const own of perType) {
        let sum = 0;
        for (const part of own) sum += costs.get(part) ?? 0;
        if (sum > dearest) dearest = sum;
      }
      return dearest;
    };
    const isFixed = parts.every(({ isIncluded, cost }) => isIncluded === null && typeof cost === 'number');
    if (isFixed) return dearestWith({});
    const [only, ...others] = parts;
    // Of one part, as operations mostly have at their root, nothing has to be compared.
    return only?.isIncluded === null && others.length === 0
      ? (variables) => Math.max(0, costWith(only.cost, variables))
      : dearestWith;
  }

  private part(selection: SelectionNode, type: GraphQLCompositeType): Part | null {
    const isIncluded = inclusion(selection.directives ?? []);
    if (selection.kind === Kind.FIELD) {
      const cost = this.field(selection, type);
      return cost === null ? null : { types: this.possibleTypes(type), isIncluded, cost };
    }
    const condition =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.typeCondition
        : this.fragments.get(selection.name.value)?.typeCondition;
    const inner = condition ? this.schema.getType(condition.name.value) : type;
    if (!inner || !isCompositeType(inner)) return null;
    const cost =
      selection.kind === Kind.INLINE_FRAGMENT
        ? this.selection(selection.selectionSet.selections, inner)
        : this.fragment(selection.name.value, inner);
    return { types: this.possibleTypes(inner), isIncluded, cost };
  }

  /** Planned once, wherever it is spread; one inside itself, which is not valid, is nothing there. */
  private fragment(name: string, type: GraphQLCompositeType): Cost {
    const known = this.planned.get(name);
    if (known !== undefined) return known;
    const fragment = this.fragments.get(name);
    if (!fragment) return 0;
    this.planned.set(name, 0);
    const plan = this.selection(fragment.selectionSet.selections, type);
    this.planned.set(name, plan);
    return plan;
  }

  private field(node: FieldNode, type: GraphQLCompositeType): Cost | null {
    const field = fieldOf(type, node.name.value);
    if (!field) return null;
    const inner = getNamedType(field.type);
    const children =
      node.selectionSet && isCompositeType(inner) ? this.selection(node.selectionSet.selections, inner) : 0;
    const argsOf = planArguments(field, node);
    const cost: CostPlan = (variables) =>
      this.estimate({
        ...{ field, node, type },
        args: argsOf(variables),
        childComplexity: costWith(children, variables),
      });
    const usesVariables = (node.arguments ?? []).some(({ value }) => mentionsVariables(value));
    // What is at the root is told apart each time.
    return usesVariables || typeof children !== 'number' || type === this.root ? cost : cost({});
  }

  private possibleTypes(type: GraphQLCompositeType): string[] {
    return isAbstractType(type) ? this.schema.getPossibleTypes(type).map(({ name }) => name) : [type.name];
  }
}

function fieldOf(type: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  const meta = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef].find(
    (each) => each.name === name,
  );
  if (meta) return meta;
  return isUnionType(type) ? undefined : type.getFields()[name];
}

function planArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (variables: Variables) => Variables {
  const values = field.args.map((arg) => [arg, planArgument(arg, node)] as const);
  return (variables) => {
    const args: Record<string, unknown> = {};
    for (const [arg, valueOf] of values) {
      const value = valueOf(variables);
      if (value !== undefined) args[arg.name] = value;
      // It has none: graphql-js says so in its own words.
      else if (String(arg.type).endsWith('!')) return getArgumentValues(field, node, { ...variables });
    }
    return args;
  };
}

function planArgument(arg: GraphQLArgument, node: FieldNode): (variables: Variables) => unknown {
  const value = node.arguments?.find(({ name }) => name.value === arg.name)?.value;
  const fallback: unknown = arg.defaultValue;
  const isRequired = String(arg.type).endsWith('!');
  if (!value) return () => fallback;
  if (value.kind === Kind.VARIABLE) {
    const name = value.name.value;
    return (variables) => {
      const given = variables[name];
      if (given === undefined) return fallback;
      return given === null && isRequired ? undefined : given;
    };
  }
  if (mentionsVariables(value)) return (variables) => valueFromAST(value, arg.type, { ...variables });
  const literal: unknown = valueFromAST(value, arg.type);
  return () => literal;
}

function mentionsVariables(value: ValueNode): boolean {
  switch (value.kind) {
    case Kind.VARIABLE:
      return true;
    case Kind.LIST:
      return value.values.some(mentionsVariables);
    case Kind.OBJECT:
      return value.fields.some((field) => mentionsVariables(field.value));
    default:
      return false;
  }
}

/** Whether `@skip` and `@include` let it in; null: neither has a say. */
function inclusion(directives: readonly DirectiveNode[]): Part['isIncluded'] {
  const conditions = directives.flatMap(({ name, arguments: args }) => {
    if (name.value !== 'skip' && name.value !== 'include') return [];
    const value = args?.find((arg) => arg.name.value === 'if')?.value;
    if (!value) return [];
    const wanted = name.value === 'include';
    return value.kind === Kind.VARIABLE
      ? [(variables: Variables) => variables[value.name.value] !== !wanted]
      : [() => value.kind !== Kind.BOOLEAN || value.value === wanted];
  });
  if (conditions.length === 0) return null;
  return (variables) => conditions.every((holds) => holds(variables));
}

/** A default as a variable would have brought it, as far as costs ask: numbers, truth, and the lengths of lists. */
function untyped(value: ValueNode): unknown {
  switch (value.kind) {
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(value.value);
    case Kind.BOOLEAN:
    case Kind.STRING:
    case Kind.ENUM:
      return value.value;
    case Kind.LIST:
      return value.values.map(untyped);
    case Kind.OBJECT:
      return Object.fromEntries(value.fields.map((field) => [field.name.value, untyped(field.value)]));
    case Kind.VARIABLE:
      return undefined;
  }
}
