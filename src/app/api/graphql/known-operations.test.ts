import { buildSchema, type ExecutionResult, GraphQLError } from 'graphql';
import { type GraphqlContext } from '../../../graphql/context';
import { OperationGate } from '../../../graphql/limits/operation-gate';
import { loadConfig } from '../../../platform/config/config';
import { KnownDocument, KnownOperations } from './known-operations';

const schema = buildSchema(
  'type Query { twice(of: Int!): Int  items(first: Int = 20): [Item!]! } type Item { id: ID }',
);
const context = {} as GraphqlContext;

function operations(openSchema = true): KnownOperations {
  return new KnownOperations({ schema, openSchema, gate: new OperationGate(schema, loadConfig({})) });
}

function read(known: KnownOperations, source: string): KnownDocument {
  const document = known.read(source);
  if (!(document instanceof KnownDocument)) throw new Error(document.join());
  return document;
}

describe('KnownOperations', () => {
  beforeAll(() => {
    const field = schema.getQueryType()!.getFields()['twice']!;
    field.resolve = (_root, { of }: { of: number }) => Promise.resolve(2 * of);
  });

  it('reads a text once', () => {
    const known = operations();
    expect(known.read('{ twice(of: 1) }')).toBe(known.read('{ twice(of: 1) }'));
  });

  it('says what is not valid, again each time', () => {
    const known = operations();
    for (let time = 0; time < 2; time++)
      expect(known.read('{ thrice }')).toMatchObject([{ message: expect.any(String) as string }]);
    expect(() => known.read('{ twice(')).toThrow(GraphQLError);
  });

  it('answers alike before and after it is compiled', async () => {
    const operation = read(operations(), 'query ($of: Int!) { twice(of: $of) }').operation(null);
    const told: ExecutionResult[] = [];
    for (let time = 0; time < 4; time++) told.push(await operation.execute(context, { of: time }));
    expect(told.map(({ data }) => data?.['twice'])).toEqual([0, 2, 4, 6]);
  });

  it('says of wrong variables what graphql-js says, compiled or not, and executes nothing', async () => {
    const operation = read(operations(), 'query ($of: Int!) { twice(of: $of) }').operation(null);
    const told: ExecutionResult[] = [];
    for (let time = 0; time < 3; time++) told.push(await operation.execute(context, { of: 'many' }));
    for (const { data, errors } of told) {
      expect(data).toBeUndefined();
      expect(errors?.map(({ message }) => message)).toEqual(told[0]?.errors?.map(({ message }) => message));
    }
  });

  it('takes the operation that is named, and says what is missing', () => {
    const document = read(operations(), 'query A { twice(of: 1) } query B { twice(of: 2) }');
    expect(document.operation('A')).toBe(document.operation('A'));
    expect(() => document.operation('C')).toThrow('Unknown operation named "C".');
    expect(() => document.operation(null)).toThrow('multiple operations');
    expect(() =>
      read(operations(), 'fragment F on Query { twice(of: 1) } query { ...F }').operation(null),
    ).not.toThrow();
  });

  it('weighs with the variables of each time', () => {
    const operation = read(operations(), 'query ($first: Int) { items(first: $first) { id } }').operation(
      null,
    );
    expect([{ first: 5 }, {}, { first: 50 }].map((variables) => operation.cost(variables))).toEqual([
      1, 1, 1,
    ]);
    const nested = read(
      operations(),
      'query ($first: Int = 7) { items(first: $first) { ...F } } fragment F on Item { id }',
    );
    expect(nested.operation(null).cost({})).toBe(1);
  });

  it('keeps the schema to itself where it is closed', () => {
    expect(operations().read('{ __schema { types { name } } }')).toBeInstanceOf(KnownDocument);
    expect(operations(false).read('{ __schema { types { name } } }')).toHaveLength(1);
    expect(operations(false).read('{ __typename }')).toBeInstanceOf(KnownDocument);
  });
});
