import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** How large an operation is with its fragments written out. */
export interface Measures {
  /** Levels of fields below one another. */
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
}

const NOTHING: Measures = { depth: 0, fields: 0, aliases: 0, directives: 0, rootFields: 0 };

/**
 * Measures every operation, in time linear in the document: each fragment is measured once, however often it is spread.
 * A fragment inside itself counts as nothing there; validation refuses it.
 *
 * @returns by the operation's name; `query`, `mutation` or `subscription` for one without
 */
export function measureOperations(document: DocumentNode): [string, Measures][] {
  const measurer = new Measurer(document);
  return document.definitions.flatMap((definition): [string, Measures][] => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    const measures = measurer.measure(definition.selectionSet);
    const directives = measures.directives + (definition.directives?.length ?? 0);
    return [[definition.name?.value ?? definition.operation, { ...measures, directives }]];
  });
}

class Measurer {
  private readonly fragments = new Map<string, FragmentDefinitionNode>();
  private readonly measured = new Map<string, Measures>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
  }

  measure({ selections }: SelectionSetNode): Measures {
    let total = NOTHING;
    for (const selection of selections) {
      const directives = selection.directives?.length ?? 0;
      switch (selection.kind) {
        case Kind.FIELD: {
          const inner = selection.selectionSet ? this.measure(selection.selectionSet) : NOTHING;
          total = sum(total, {
            depth: inner.depth + 1,
            fields: inner.fields + 1,
            aliases: inner.aliases + (selection.alias ? 1 : 0),
            directives: inner.directives + directives,
            rootFields: 1,
          });
          break;
        }
        case Kind.INLINE_FRAGMENT:
          total = sum(total, withDirectives(this.measure(selection.selectionSet), directives));
          break;
        case Kind.FRAGMENT_SPREAD:
          total = sum(total, withDirectives(this.fragment(selection.name.value), directives));
          break;
      }
    }
    return total;
  }

  private fragment(name: string): Measures {
    const known = this.measured.get(name);
    if (known) return known;
    const fragment = this.fragments.get(name);
    if (!fragment) return NOTHING;
    this.measured.set(name, NOTHING);
    const { selectionSet, directives } = fragment;
    const measures = withDirectives(this.measure(selectionSet), directives?.length ?? 0);
    this.measured.set(name, measures);
    return measures;
  }
}

function sum(left: Measures, right: Measures): Measures {
  return {
    depth: Math.max(left.depth, right.depth),
    fields: left.fields + right.fields,
    aliases: left.aliases + right.aliases,
    directives: left.directives + right.directives,
    rootFields: left.rootFields + right.rootFields,
  };
}

function withDirectives(measures: Measures, directives: number): Measures {
  return { ...measures, directives: measures.directives + directives };
}
