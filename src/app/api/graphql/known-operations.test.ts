import { buildSchema, getOperationAST, parse } from 'graphql';
import { type GraphqlContext } from '../../../graphql/context';
import { OperationGate } from '../../../graphql/limits/operation-gate';
import { loadConfig } from '../../../platform/config/config';
import { type KnownOperation, KnownOperations } from './known-operations';

const schema = buildSchema(
  'type Query { twice(of: Int!): Int  items(first: Int = 20): [Item!]! } type Item { id: ID, next: Item }',
);
const context = {} as GraphqlContext;
const operations = new KnownOperations({ schema, gate: new OperationGate(schema, loadConfig({})) });

function known(source: string): KnownOperation {
  const document = parse(source);
  return operations.of(document, getOperationAST(document)!);
}

describe('KnownOperations', () => {
  beforeAll(() => {
    const field = schema.getQueryType()!.getFields()['twice']!;
    field.resolve = (_root, { of }: { of: number }) => Promise.resolve(2 * of);
  });

  it('knows an operation by its document, so that it is forgotten with it', () => {
    const document = parse('query A { twice(of: 1) } query B { twice(of: 2) }');
    const [a, b] = [getOperationAST(document, 'A')!, getOperationAST(document, 'B')!];
    expect(operations.of(document, a)).toBe(operations.of(document, a));
    expect(operations.of(document, a)).not.toBe(operations.of(document, b));
  });

  it('leaves the first execution to graphql-js, and answers the others', async () => {
    const operation = known('query ($of: Int!) { twice(of: $of) }');
    expect(operation.answer(context, { of: 1 })).toBeNull();
    for (let of = 2; of < 5; of++) {
      expect(await operation.answer(context, { of })).toMatchObject({ data: { twice: 2 * of } });
    }
  });

  it('leaves variables that are not of their types to graphql-js, each time', () => {
    const operation = known('query ($of: Int!) { twice(of: $of) }');
    for (let time = 0; time < 3; time++) expect(operation.answer(context, { of: 'many' })).toBeNull();
  });

  it('weighs with the variables of each time', () => {
    const { cost } = known(
      'query ($first: Int = 7) { items(first: $first) { next { ...F } } } fragment F on Item { id }',
    );
    expect([{ first: 5 }, {}, { first: 50 }].map(cost)).toEqual([6, 8, 51]);
  });
});
