import {
  coerceInputValue,
  type DocumentNode,
  type GraphQLError,
  getNamedType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLScalarType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isSpecifiedScalarType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
  type TypeNode,
  valueFromAST,
  type VariableDefinitionNode,
} from 'graphql';

import { givenValue, ScannedInputs } from '../../../graphql/given/scanned-inputs';

export type Variables = Readonly<Record<string, unknown>>;

/** What is not of its type. Why, is for graphql-js to say. */
const REFUSED = Symbol('refused');

type Read = (given: unknown) => unknown;

/**
 * Reads the variables of an operation as graphql-js does, in one walk that copies only objects in which something
 * changes by being read, such as a text that becomes a moment: what was given is never changed.
 *
 * @returns null, instead of the values, where one is missing or not of its type
 */
export function variablesReader(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): (given: Variables) => Variables | null {
  const readers = new Map<GraphQLInputType, Read>();
  const fields = variableDefinitions.map(({ variable, type: node, defaultValue }) => {
    const type = typeFromAST(schema, node);
    if (!isInputType(type))
      throw new TypeError(`the variable ${variable.name.value} has no type of an input`);
    return {
      name: variable.name.value,
      read: readerOf(type, readers),
      isRequired: isNonNullType(type) && !defaultValue,
      fallback: defaultValue && valueFromAST(defaultValue, type),
    };
  });
  return (given) => {
    const values: Record<string, unknown> = {};
    for (const { name, read, isRequired, fallback } of fields) {
      // A client may send any name; those of the operation are its own.
      const own = Object.hasOwn(given, name) ? given[name] : undefined;
      // What was scanned is of its type.
      if (own instanceof ScannedInputs) {
        values[name] = own;
        continue;
      }
      const value = Object.hasOwn(given, name) ? read(own) : isRequired ? REFUSED : fallback;
      if (value === REFUSED) return null;
      if (value !== undefined) values[name] = value;
    }
    return values;
  };
}

/** The same with an object for each input that was scanned, for those who want objects. */
export function withObjects(given: Variables): Variables {
  return Object.values(given).some((value) => value instanceof ScannedInputs)
    ? Object.fromEntries(Object.entries(given).map(([name, value]) => [name, givenValue(value)]))
    : given;
}

function readerOf(type: GraphQLInputType, readers: Map<GraphQLInputType, Read>): Read {
  let reader = readers.get(type);
  if (!reader) {
    // Types refer to each other in circles: whoever comes back here before it is made asks for it later.
    readers.set(type, (given) => (reader as Read)(given));
    reader = madeReader(type, readers);
    readers.set(type, reader);
  }
  return reader;
}

function madeReader(type: GraphQLInputType, readers: Map<GraphQLInputType, Read>): Read {
  if (isNonNullType(type)) {
    const read = readerOf(type.ofType, readers);
    return (given) => (given === null ? REFUSED : read(given));
  }
  if (isListType(type)) return listReader(readerOf(type.ofType, readers));
  if (isInputObjectType(type)) return objectReader(type, readers);
  return (given) => {
    if (given === null) return null;
    try {
      const value: unknown = type.parseValue(given);
      return value === undefined ? REFUSED : value;
    } catch {
      return REFUSED;
    }
  };
}

function listReader(read: Read): Read {
  return (given) => {
    if (given === null) return null;
    // One value stands for a list of one.
    if (!Array.isArray(given)) return only(read(given));
    const elements: readonly unknown[] = given;
    let values: unknown[] | null = null;
    for (let index = 0; index < elements.length; index++) {
      const element = elements[index];
      const value = read(element);
      if (value === REFUSED) return REFUSED;
      if (value === element) continue;
      values ??= elements.slice();
      values[index] = value;
    }
    return values ?? elements;
  };
}

const only = (value: unknown): unknown => (value === REFUSED ? REFUSED : [value]);

function objectReader(type: GraphQLInputObjectType, readers: Map<GraphQLInputType, Read>): Read {
  if (type.isOneOf) return (given) => (given === null ? null : readByLibrary(given, type));
  const fields = Object.values(type.getFields()).map(({ name, type: ofField, defaultValue }) => ({
    name,
    read: readerOf(ofField, readers),
    isRequired: isNonNullType(ofField) && defaultValue === undefined,
    fallback: defaultValue,
  }));
  return (given) => {
    if (given === null) return null;
    if (typeof given !== 'object') return REFUSED;
    const object = given as Variables;
    let changed: Record<string, unknown> | null = null;
    let known = 0;
    for (const { name, read, isRequired, fallback } of fields) {
      const own = object[name];
      let value = fallback;
      if (own !== undefined) {
        known++;
        value = read(own);
      } else if (isRequired) return REFUSED;
      if (value === REFUSED) return REFUSED;
      if (value === own) continue;
      changed ??= { ...object };
      changed[name] = value;
    }
    // A name that the type does not have.
    return Object.keys(object).length === known ? (changed ?? object) : REFUSED;
  };
}

function readByLibrary(given: unknown, type: GraphQLInputObjectType): unknown {
  const problems: GraphQLError[] = [];
  const value: unknown = coerceInputValue(given, type, (_path, _value, problem) => problems.push(problem));
  return problems.length > 0 ? REFUSED : value;
}

/** Of variables that were read before. */
const READ = new GraphQLScalarType({ name: 'AlreadyRead' });
const READ_TYPE: TypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: READ.name } };

/** An operation, and its schema, for an executor that takes the variables as {@link variablesReader} gives them. */
export function withReadVariables(
  schema: GraphQLSchema,
  document: DocumentNode,
): { readonly schema: GraphQLSchema; readonly document: DocumentNode } {
  const getType: GraphQLSchema['getType'] = (name) => (name === READ.name ? READ : schema.getType(name));
  const asRead = (definition: VariableDefinitionNode): VariableDefinitionNode => {
    const { kind, variable, type } = definition;
    // Numbers, texts and booleans can be read twice, and the executor wants to know which they are.
    const named = getNamedType(typeFromAST(schema, type as NamedTypeNode));
    return named && isSpecifiedScalarType(named) ? definition : { kind, variable, type: READ_TYPE };
  };
  return {
    schema: Object.assign(Object.create(schema) as GraphQLSchema, { getType }),
    document: {
      ...document,
      definitions: document.definitions.map((definition) =>
        definition.kind === Kind.OPERATION_DEFINITION && definition.variableDefinitions
          ? { ...definition, variableDefinitions: definition.variableDefinitions.map(asRead) }
          : definition,
      ),
    },
  };
}
