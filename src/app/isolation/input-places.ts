import {
  type GraphQLArgument,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** The same in each request, so that requests can be told apart by what they are to tell. */
const TODAY = `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`;

/** Where in a field's arguments a value can stand that names something: an id or a text. */
export interface Place {
  /** Names from the argument down; lists have one element. */
  readonly path: readonly string[];
  readonly type: 'ID' | 'String';
  /** What the schema says of it. */
  readonly description: string;
}

/** What arguments are made of where nothing foreign is to stand. */
export interface OwnValues {
  /** An id that the caller may name at a place of this name. */
  id(name: string, description: string): string;
  /** A text that the caller gives to its things. */
  readonly text: string;
  /** The value of an enum that the caller's things have. */
  enumValue(type: string, values: readonly string[]): string;
}

/** Every place of a field's arguments; input types that contain themselves are gone into once. */
export function placesOf(args: readonly GraphQLArgument[]): Place[] {
  return args.flatMap((argument) => placesIn(argument, [argument.name], []));
}

interface Described {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly description?: string | null | undefined;
}

function placesIn(input: Described, path: readonly string[], above: readonly string[]): Place[] {
  const type = getNamedType(input.type);
  if (isInputObjectType(type)) {
    if (above.includes(type.name)) return [];
    return Object.values(type.getFields()).flatMap((field) =>
      placesIn(field, [...path, field.name], [...above, type.name]),
    );
  }
  if (type.name !== 'ID' && type.name !== 'String') return [];
  return [{ path, type: type.name, description: input.description ?? '' }];
}

/** A value at a place. */
export interface Placed {
  readonly place: Place;
  readonly value: string;
}

/** The arguments that are needed, and those that lead to a place with its value. */
export function argumentsFor(
  args: readonly GraphQLArgument[],
  own: OwnValues,
  placed: Placed | null = null,
): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const argument of args)
    if (isRequiredArgument(argument) || placed?.place.path[0] === argument.name)
      made[argument.name] = valueOf(argument, argument.type, { own, placed, path: [argument.name] });
  return made;
}

interface Making {
  readonly own: OwnValues;
  readonly placed: Placed | null;
  readonly path: readonly string[];
}

function valueOf(input: Described, type: GraphQLInputType, making: Making): unknown {
  const { own, placed, path } = making;
  if (isNonNullType(type)) return valueOf(input, type.ofType, making);
  if (isListType(type)) return [valueOf(input, type.ofType, making)];
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || leadsTo(placed, [...path, field.name]),
    );
    return Object.fromEntries(
      fields.map((field) => [
        field.name,
        valueOf(field, field.type, { own, placed, path: [...path, field.name] }),
      ]),
    );
  }
  if (placed && path.join('.') === placed.place.path.join('.')) return placed.value;
  if (isEnumType(type))
    return own.enumValue(
      type.name,
      type.getValues().map(({ name }) => name),
    );
  return scalarOf(type.name, input, own);
}

function leadsTo(placed: Placed | null, path: readonly string[]): boolean {
  return placed !== null && path.every((name, index) => placed.place.path[index] === name);
}

function scalarOf(type: string, { name, description }: Described, own: OwnValues): unknown {
  switch (type) {
    case 'ID':
      return own.id(name, description ?? '');
    case 'Int':
    case 'SafeInt':
      return 1;
    case 'Float':
      return 0.5;
    case 'Boolean':
      return true;
    case 'JSONObject':
    case 'JSON':
      return {};
    default:
      return type.startsWith('Date') ? TODAY : own.text;
  }
}
