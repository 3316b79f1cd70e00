import {
  type FieldNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** What a resolver must know of its request to look ahead. */
export type SelectionInfo = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'variableValues'>;

/**
 * Whether the request wants a field below the one that is being resolved, so that costly work is done for those alone
 * who asked for its result. Follows fragments whatever type they are on, and `@skip` and `@include`; aliases do not
 * matter. Where an error type of a union has a field of the same name, asking for that one counts too.
 *
 * @param path names of fields of the schema, outermost first: `reasons.items`
 */
export function isSelected(info: SelectionInfo, path: string): boolean {
  const levels = path.split('.');
  let nodes: readonly FieldNode[] = info.fieldNodes;
  for (const name of levels) {
    nodes = nodes.flatMap((node) => fieldsOf(node.selectionSet, name, info));
    if (nodes.length === 0) return false;
  }
  return true;
}

/** The fields of a name in a selection, and in the fragments that it spreads. Fragments cannot be circular. */
function fieldsOf(set: SelectionSetNode | undefined, name: string, info: SelectionInfo): FieldNode[] {
  return (set?.selections ?? []).flatMap((node) => {
    if (!isIncluded(node, info)) return [];
    if (node.kind === Kind.FIELD) return node.name.value === name ? [node] : [];
    const spread = node.kind === Kind.FRAGMENT_SPREAD ? info.fragments[node.name.value] : node;
    return fieldsOf(spread?.selectionSet, name, info);
  });
}

function isIncluded(node: SelectionNode, { variableValues }: SelectionInfo): boolean {
  if (node.directives === undefined || node.directives.length === 0) return true;
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variableValues);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variableValues);
  return skip?.if !== true && include?.if !== false;
}
