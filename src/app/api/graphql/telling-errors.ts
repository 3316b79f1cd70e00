import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLError,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

type Path = readonly (string | number)[];
interface Field {
  readonly node: FieldNode;
  readonly type: GraphQLOutputType;
}

export interface ExecutedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
}

/**
 * Errors as graphql-js tells them: once a required field has taken what is around it away, nothing more is said of
 * what was in there.
 */
export function tellingErrors(
  operation: ExecutedOperation,
  errors: readonly GraphQLError[],
): readonly GraphQLError[] {
  if (errors.length === 1) return errors;
  const lost = new Set<string>();
  return errors.filter(({ path = [] }) => {
    if (path.some((_, index) => lost.has(placeOf(path, index)))) return false;
    lost.add(placeOf(path, lostWith(operation, path)));
    return true;
  });
}

/** The place where so many elements of the path lead. */
function placeOf(path: Path, length: number): string {
  return JSON.stringify(path.slice(0, length));
}

/** How much of the path leads to what is null with it: the last place on it that may be null. */
function lostWith({ schema, document, definition }: ExecutedOperation, path: Path): number {
  const root = schema.getRootType(definition.operation);
  let fields: readonly Field[] = [];
  let selected = root ? fieldsIn(definition.selectionSet.selections, root, { schema, document }) : [];
  let type: GraphQLOutputType | undefined;
  let length = 0;
  for (const [index, key] of path.entries()) {
    if (typeof key === 'number') {
      const list: unknown = type && getNullableType(type);
      type = isListType(list) ? (list.ofType as GraphQLOutputType) : undefined;
    } else {
      fields = selected.filter(({ node }) => (node.alias ?? node.name).value === key);
      type = fields[0]?.type;
      selected = fields.flatMap((field) =>
        fieldsIn(field.node.selectionSet?.selections ?? [], getNamedType(field.type), { schema, document }),
      );
    }
    if (type && !isNonNullType(type)) length = index + 1;
  }
  return length;
}

function fieldsIn(
  selections: readonly SelectionNode[],
  type: GraphQLNamedType,
  place: Pick<ExecutedOperation, 'schema' | 'document'>,
): Field[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) {
      const field =
        isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined;
      return field ? [{ node, type: field.type }] : [];
    }
    const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragmentOf(node.name.value, place.document);
    const condition = fragment?.typeCondition && place.schema.getType(fragment.typeCondition.name.value);
    return fieldsIn(fragment?.selectionSet.selections ?? [], condition ?? type, place);
  });
}

function fragmentOf(name: string, { definitions }: DocumentNode): FragmentDefinitionNode | undefined {
  return definitions.find(
    (each): each is FragmentDefinitionNode =>
      each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name,
  );
}
