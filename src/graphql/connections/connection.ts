import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { encodeCursor, type Page } from '../../platform/persistence/keyset';

@ObjectType('PageInfo', { description: 'Where a page of a list ends and whether more follows.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there are nodes after this page.' })
  readonly hasNextPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'Pass it as `after` to get the next page; null when this page is empty.',
  })
  readonly endCursor!: string | null;
}

/** The arguments that every list takes. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: 'How many nodes, 1 to 100.' })
  readonly first!: number;

  @Field(() => String, {
    nullable: true,
    description: 'The `endCursor` of the page before; leave it out for the first page.',
  })
  readonly after?: string | null;
}

export interface Edge<N> {
  readonly node: N;
  readonly cursor: string;
}

/** A page in the shape that GraphQL clients know. */
export abstract class Connection<N> {
  readonly edges!: Edge<N>[];
  readonly nodes!: N[];
  readonly pageInfo!: PageInfo;
}

interface ConnectionClass<N> {
  new (): Connection<N>;
  /** Makes a connection of a service's page. */
  from<E extends { readonly id: string }>(page: Page<E>, toNode: (item: E) => N): Connection<N>;
}

/**
 * Makes the connection and edge types of a node type.
 *
 * @param name the node's name in the schema
 * @param plural what the nodes are called in descriptions
 */
export function connectionOf<N extends object>(
  node: new (...parameters: never[]) => N,
  name: string,
  plural: string,
): ConnectionClass<N> {
  @ObjectType(`${name}Edge`, { description: `One of the ${plural} of a page, with its cursor.` })
  class NodeEdge implements Edge<N> {
    @Field(() => node, { description: 'What the edge leads to.' })
    readonly node!: N;

    @Field(() => String, { description: 'Pass it as `after` to go on behind this node.' })
    readonly cursor!: string;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${plural}.` })
  class NodeConnection extends Connection<N> {
    @Field(() => [NodeEdge], { description: 'The nodes with their cursors.' })
    declare readonly edges: Edge<N>[];

    @Field(() => [node], { description: 'The nodes alone, for clients that need no cursors.' })
    declare readonly nodes: N[];

    @Field(() => PageInfo, { description: 'Where the page ends.' })
    declare readonly pageInfo: PageInfo;

    static from<E extends { readonly id: string }>(page: Page<E>, toNode: (item: E) => N): Connection<N> {
      const edges = page.items.map((item) => ({ node: toNode(item), cursor: encodeCursor(item.id) }));
      return Object.assign(new NodeConnection(), {
        edges,
        nodes: edges.map((edge) => edge.node),
        pageInfo: { hasNextPage: page.hasNextPage, endCursor: page.endCursor },
      });
    }
  }
  return NodeConnection;
}
