import {
  astFromValue,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  print,
} from 'graphql';
import { argumentsFor, type OwnValues } from './input-places';
import { type RootField } from './published-schema';

/** Between an object type's name and a field's, where one name means two things in a union. */
export const ALIAS = '__';
/** Of each list below the root. */
const PAGE = 3;

export interface Wanted {
  readonly schema: GraphQLSchema;
  readonly own: OwnValues;
  /** Levels of objects below the root field. */
  readonly depth: number;
}

/** An operation of one root field that asks for everything down to a depth; its arguments are variables. */
export function documentOf(root: RootField, given: readonly string[], wanted: Wanted): string {
  const variables = root.field.args.filter(({ name }) => given.includes(name));
  const declared = variables.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = variables.map(({ name }) => `${name}: $${name}`).join(', ');
  const selection = selectionOf(getNamedType(root.field.type), wanted, []);
  return `${root.operation}${declared && ` (${declared})`} { ${root.name}${passed && `(${passed})`}${selection} }`;
}

function selectionOf(type: GraphQLNamedType, wanted: Wanted, above: readonly string[]): string {
  if (isLeafType(type)) return '';
  if (isObjectType(type)) return ` { __typename ${fieldsOf(type, wanted, { above, ambiguous: new Set() })} }`;
  if (!isAbstractType(type)) return '';
  const members = wanted.schema.getPossibleTypes(type);
  const ambiguous = ambiguousIn(members);
  const parts = members.map(
    (member) => `... on ${member.name} { __typename ${fieldsOf(member, wanted, { above, ambiguous })} }`,
  );
  return ` { __typename ${parts.join(' ')} }`;
}

/** Names that the members of a union do not mean alike: GraphQL wants them told apart. */
function ambiguousIn(members: readonly GraphQLObjectType[]): Set<string> {
  const types = new Map<string, Set<string>>();
  for (const member of members)
    for (const { name, type } of Object.values(member.getFields()))
      types.set(name, (types.get(name) ?? new Set()).add(String(type)));
  return new Set([...types].filter(([, kinds]) => kinds.size > 1).map(([name]) => name));
}

interface Surroundings {
  readonly above: readonly string[];
  readonly ambiguous: ReadonlySet<string>;
}

function fieldsOf(
  type: GraphQLObjectType | GraphQLInterfaceType,
  wanted: Wanted,
  { above, ambiguous }: Surroundings,
): string {
  const path = [...above, type.name];
  const fields = type.getFields();
  const texts = Object.values(fields).flatMap((field) => {
    const inner = getNamedType(field.type);
    const alias = ambiguous.has(field.name) ? `${type.name}${ALIAS}${field.name}: ` : '';
    const head = `${alias}${field.name}${argumentsOf(field, wanted.own)}`;
    if (isLeafType(inner)) return [head];
    // A page's objects are asked for once.
    if (field.name === 'edges' && fields['nodes']) return [`${head} { __typename cursor }`];
    if (wanted.depth === 0 || path.includes(inner.name)) return [];
    return [`${head}${selectionOf(inner, { ...wanted, depth: wanted.depth - 1 }, path)}`];
  });
  return texts.join(' ');
}

function argumentsOf(field: GraphQLField<unknown, unknown>, own: OwnValues): string {
  const values = argumentsFor(field.args.filter(isRequiredArgument), own);
  const page = field.args.find(({ name, type }) => name === 'first' && String(getNamedType(type)) === 'Int');
  const made: Record<string, unknown> = { ...values, ...(page && { first: PAGE }) };
  const texts = field.args.flatMap(({ name, type }) => {
    const literal = name in made ? astFromValue(made[name], type) : null;
    return literal ? [`${name}: ${print(literal)}`] : [];
  });
  return texts.length > 0 ? `(${texts.join(', ')})` : '';
}
