import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  isCompositeType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

const VALUES: Readonly<Record<string, string>> = {
  ID: '"0a0a0a0a-0000-4000-8000-000000000000"',
  String: '"x"',
  Int: '1',
  Float: '0.5',
  Boolean: 'true',
  DateTimeISO: '"2025-01-01T00:00:00Z"',
};

/** An operation that asks for one field of a root type, with values of the right types and no meaning. */
export function dummyOperation(
  kind: 'query' | 'mutation' | 'subscription',
  field: GraphQLField<unknown, unknown>,
): string {
  return `${kind} { ${dummyField(field)} }`;
}

/** The same of any field. */
export function dummyField(field: GraphQLField<unknown, unknown>): string {
  const given = field.args.filter((argument) => isRequiredArgument(argument));
  const list = given.map(({ name, type }) => `${name}: ${valueOf(type)}`).join(', ');
  const selection = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
  return `${field.name}${list === '' ? '' : `(${list})`}${selection}`;
}

export function fieldsOf(type: GraphQLObjectType | null | undefined): GraphQLField<unknown, unknown>[] {
  return Object.values(type?.getFields() ?? {});
}

function valueOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return valueOf(type.ofType);
  if (isListType(type)) return `[${valueOf(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? 'NONE';
  if (!isInputObjectType(type)) return VALUES[type.name] ?? '{}';
  const given = Object.values(type.getFields()).filter((field) => isRequiredInputField(field));
  return `{${given.map((field) => `${field.name}: ${valueOf(field.type)}`).join(', ')}}`;
}
