import { getOperationAST, parse, validate } from 'graphql';
import { discoverDomains } from '../../app/discover-domains';
import { buildGraphqlSchema } from '../build-schema';
import { COST } from './cost';
import { operationCost } from './operation-cost';

const schema = buildGraphqlSchema(discoverDomains(), {
  get: () => {
    throw new Error('nothing is executed');
  },
});

function costOf(query: string, variables: Record<string, unknown> = {}): number | undefined {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const definition = getOperationAST(document)!;
  return operationCost(schema, { document, definition, variables })?.cost;
}

const input = { userId: 'u', at: '2025-03-21T19:40:00Z', device: 'desktop', source: 'email' };
const event = { id: 'e', subjectId: 's', at: '2025-03-20T20:11:45Z', kind: 'view' };
const PAGE = 'query ($first: Int!) { datasets(first: $first) { nodes { id } } }';
const BATCH = `query ($inputs: [PurchaseIntentInput!]!) {
  purchaseIntents(inputs: $inputs) { ... on PurchaseIntent { probability modelVersion { number } } }
}`;
const INGEST = `mutation ($input: IngestEventsInput!) {
  ingestEvents(input: $input) { ... on IngestEventsSuccess { accepted } }
}`;

describe('the cost of an operation', () => {
  it.each([
    ['a plain value', '{ __typename }', 0],
    ['an object', '{ viewer { role } }', 1],
    [
      'a prediction with its reasons',
      `{ purchaseIntent(input: { userId: "u" }) { ... on PurchaseIntent { reasons { __typename } } } }`,
      1 + 20,
    ],
    ['a page of 20', '{ datasets { nodes { id } } }', 1 + 20],
    ['a page of 50 as a literal', '{ datasets(first: 50) { nodes { id } } }', 1 + 50],
    [
      'a page in a page',
      '{ domain(kind: SOCIAL_AD_CTR) { promotions(first: 10) { nodes { modelVersion { number } } } } }',
      1 + (1 + 10 * (1 + 1)),
    ],
    [
      'profiles of a page',
      '{ datasets(first: 3) { nodes { profile { __typename } } } }',
      1 + 3 * (1 + COST.DATASET),
    ],
    ['aliases', '{ a: viewer { role } b: viewer { role } }', 2],
    ['fragments', '{ ...F ...F } fragment F on Query { viewer { role } }', 2],
    ['what is skipped', '{ viewer @skip(if: true) { role } }', 0],
    [
      'the dearest member of a union',
      '{ dataset(id: "x") { profile { ... on DatasetProfile { columns(first: 2) { nodes { name } } } ... on UserError { code } } } }',
      1 + COST.DATASET + (1 + 2),
    ],
  ])('counts %s', (_what, query, cost) => {
    expect(costOf(query)).toBe(cost);
  });

  it('takes the sizes of lists from variables', () => {
    expect(costOf(PAGE, { first: 7 })).toBe(1 + 7);
    expect(costOf(BATCH, { inputs: Array.from({ length: 300 }, () => input) })).toBe(300 * (1 + 1));
    const events = Array.from({ length: 40 }, () => event);
    expect(costOf(INGEST, { input: { domain: 'ECOMMERCE_PURCHASE', events } })).toBe(40);
  });

  it('is not brought down by a size below one', () => {
    expect(costOf(PAGE, { first: -1000 })).toBe(costOf(PAGE, { first: 1 }));
    expect(costOf(BATCH, { inputs: [] })).toBe(costOf(BATCH, { inputs: [input] }));
  });

  it('is unknown where the variables are not of their types: such an operation is not executed', () => {
    expect(costOf(PAGE, { first: 'many' })).toBeUndefined();
  });

  it('of an argument without a value is an error, not nothing', () => {
    const query = 'query ($id: ID = null) { dataset(id: $id) { id } datasets { nodes { id } } }';
    const document = parse(query);
    const definition = getOperationAST(document)!;
    expect(() => operationCost(schema, { document, definition, variables: {} })).toThrow('id');
  });
});

describe('what is declared', () => {
  const fieldsOf = (type: ReturnType<typeof schema.getQueryType>) => Object.values(type?.getFields() ?? {});

  it('is the cost of every mutation', () => {
    const silent = fieldsOf(schema.getMutationType()).filter(
      ({ extensions }) => extensions['complexity'] === undefined,
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('is the cost of every query that takes a list of inputs', () => {
    const lists = fieldsOf(schema.getQueryType()).filter(({ args }) =>
      args.some(({ name }) => name === 'inputs'),
    );
    expect(lists.length).toBeGreaterThanOrEqual(discoverDomains().length);
    const silent = lists.filter(({ extensions }) => typeof extensions['complexity'] !== 'function');
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
