import { buildSchema, type GraphQLFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { AppError } from '../../../src/errors';
import { type GraphqlContext } from '../../../src/graphql/context';

const SDL = `
  type Query {
    twice(of: Int!): Int
    sum(of: [Int!]! = [1, 2], more: Numbers): Int
    items(first: Int = 3): [Item!]!
    shapes: [Shape!]!
    named: [Named!]!
    color(of: Color = RED): Color!
    fails(how: Failure!): Int
    failsDeep: Item
    limited: Int!
    hangs: Int
  }
  type Mutation { put(name: String!): PutResult! }
  type Subscription { ticks: Int }
  union PutResult = Item | Refusal
  union Shape = Circle | Square
  interface Named { name: String! }
  type Item implements Named { id: ID!, name: String!, next: Item, broken: Int!, brokenLater: Int!, tags: [String!] }
  type Refusal { code: String!, message: String! }
  type Circle implements Named { name: String!, radius: Float! }
  type Square implements Named { name: String!, side: Float! }
  enum Color { RED BLUE }
  enum Failure { DEFECT OUTAGE TYPED TEXT LATE }
  input Numbers { values: [Float!]!, scale: Float = 2, color: Color }
`;

const SHAPES = [
  { __typename: 'Circle', name: 'c', radius: 1.5 },
  { __typename: 'Square', name: 's', side: 2 },
];
const item = (id: number): object => ({ __typename: 'Item', id, name: `item ${id}` });
const FAILURES: Readonly<Record<string, () => unknown>> = {
  DEFECT: () => {
    throw new Error('SELECT secret FROM defects');
  },
  OUTAGE: () => Promise.reject(new AppError('UNAVAILABLE', '10.0.0.7 does not answer')),
  TYPED: () => {
    throw new AppError('FORBIDDEN', 'not for you', [{ path: 'how', message: 'choose another' }]);
  },
  TEXT: () => 'no number',
  LATE: () => new Promise((_resolve, reject) => setImmediate(() => reject(new Error('late secret')))),
};
type Resolvers = Readonly<Record<string, GraphQLFieldResolver<never, GraphqlContext, never>>>;
/** Every field has one, as type-graphql gives them. */
const ITEM: Resolvers = {
  next: ({ id }: { id: number }) => (id < 3 ? item(id + 1) : null),
  broken: () => {
    throw new Error('secret of a field');
  },
  brokenLater: () => Promise.reject(new AppError('NOT_FOUND', 'it is gone')),
  tags: ({ id }: { id: number }) => (id === 2 ? ['a', null] : ['a']),
};
const ROOT: Resolvers = {
  twice: (_root, { of }: { of: number }) => Promise.resolve(2 * of),
  sum: (_root, { of, more }: { of: number[]; more?: { values: number[]; scale: number } }) =>
    [...of, ...(more?.values ?? []).map((value) => value * (more?.scale ?? 1))].reduce((a, b) => a + b, 0),
  items: (_root, { first }: { first: number }) => Array.from({ length: first }, (_, id) => item(id)),
  shapes: () => SHAPES,
  named: () => Promise.resolve([item(1), ...SHAPES]),
  color: (_root, { of }: { of: string }) => of,
  fails: (_root, { how }: { how: string }) => FAILURES[how]?.(),
  failsDeep: () => item(1),
  limited: (_root, _args, context) => context.take?.('predictions', 1),
  hangs: () => new Promise(() => undefined),
  put: (_root, { name }: { name: string }) =>
    name === '' ? { __typename: 'Refusal', code: 'EMPTY', message: 'a name is needed' } : item(1),
};

/** A schema with all that an operation can meet. */
export function contractSchema(): GraphQLSchema {
  const schema = buildSchema(SDL);
  for (const [type, resolvers] of Object.entries({ Query: ROOT, Mutation: ROOT, Item: ITEM })) {
    for (const field of Object.values((schema.getType(type) as GraphQLObjectType).getFields())) {
      const resolve = resolvers[field.name];
      if (resolve) field.resolve = resolve as GraphQLFieldResolver<unknown, unknown>;
    }
  }
  return schema;
}
