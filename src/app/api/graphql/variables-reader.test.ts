import fc from 'fast-check';
import { buildSchema, type GraphQLSchema, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { getVariableValues } from 'graphql/execution/values';
import { DateTimeISO } from '../../../graphql/date-time';
import { type Variables, variablesReader } from './variables-reader';

const schema = buildSchema(`
  scalar DateTimeISO
  enum Colour { RED GREEN }
  input Leaf { at: DateTimeISO, id: ID, constructor: String, colour: Colour = GREEN, sure: Boolean! = true }
  input Node { name: String!, size: Float, count: Int, leaf: Leaf, leaves: [Leaf!], nodes: [[Node]], tags: [String!]! = [] }
  input Choice @oneOf { name: String, at: DateTimeISO }
  type Query { look(node: Node, choice: Choice, first: Int): Boolean }
`);
Object.assign(schema.getType('DateTimeISO') as object, { parseValue: DateTimeISO.parseValue });

const OPERATION = `query ($node: Node!, $nodes: [Node!] = [{ name: "of old" }], $choice: Choice, $first: Int! = 3, $at: DateTimeISO) {
  look(node: $node)
}`;

function operationOf(text: string): OperationDefinitionNode {
  const [definition] = parse(text).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('this is no operation');
  return definition;
}

const operation = operationOf(OPERATION);
const read = variablesReader(schema, operation);

/** What graphql-js reads; null where it refuses something. */
function ofLibrary(of: GraphQLSchema, given: object): object | null {
  const { coerced } = getVariableValues(of, operation.variableDefinitions ?? [], { ...given });
  return coerced ?? null;
}

const moment = fc.constantFrom(
  '2025-03-21T19:40:00Z',
  '2025-03-31T00:00:00.123Z',
  '2025-03-21T19:40:00+01:00',
);
/** Rarely what it should be not. */
const mostly = (right: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { arbitrary: right, weight: 120 },
    {
      arbitrary: fc.constantFrom(null, 1, 2.5, 'RED', true, [], {}, 'now', [null], { name: 'n' }),
      weight: 1,
    },
  );
const some = (model: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(Object.fromEntries(Object.entries(model).map(([name, arbitrary]) => [name, mostly(arbitrary)])), {
    requiredKeys: [],
  });
const list = (of: fc.Arbitrary<unknown>) => fc.oneof(fc.array(mostly(of), { maxLength: 3 }), of);

const leaf = some({
  at: moment,
  id: fc.oneof(fc.string(), fc.integer()),
  constructor: fc.string(),
  colour: fc.constantFrom('RED', 'GREEN'),
  sure: fc.boolean(),
});
const { node } = fc.letrec((tie) => ({
  node: fc
    .tuple(
      fc.oneof(
        { arbitrary: fc.constant({ name: 'n' }), weight: 50 },
        { arbitrary: fc.constantFrom({}, { name: 'n', surplus: 1 }), weight: 1 },
      ),
      some({
        size: fc.double({ noNaN: true, noDefaultInfinity: true }),
        count: fc.integer(),
        leaf,
        leaves: list(leaf),
        nodes: fc.oneof({ depthSize: 'small' }, fc.constant(null), list(list(tie('node')))),
        tags: list(fc.string()),
      }),
    )
    .map(([must, may]) => ({ ...must, ...may })),
}));
const variables = fc
  .tuple(
    node,
    some({
      nodes: list(node),
      choice: fc.constantFrom(
        { name: 'n' },
        { name: 'm' },
        { at: '2025-03-21T19:40:00Z' },
        { name: 'n', at: null },
      ),
      first: fc.integer(),
      at: moment,
      other: fc.anything(),
    }),
  )
  .map(([one, more]) => ({ node: one, ...more }));

describe('variablesReader', () => {
  it('reads and refuses what graphql-js reads and refuses, and changes nothing of what it is given', () => {
    let taken = 0;
    fc.assert(
      fc.property(variables, (given) => {
        const before = structuredClone(given);
        const values = read(given);
        if (values) taken++;
        expect(values).toEqual(ofLibrary(schema, given));
        expect(given).toEqual(before);
      }),
      { numRuns: 300 },
    );
    expect(taken).toBeGreaterThan(60);
  });

  it('hands on what does not change by being read', () => {
    const given = { name: 'n', size: 1, tags: [] };
    const values = read({ node: given, first: 1 });
    expect(values?.['node']).toBe(given);
    expect(values).toMatchObject({ nodes: [{ name: 'of old', tags: [] }], first: 1 });
  });

  it('takes no name that an object merely inherits', () => {
    expect(read({ node: { name: 'n', leaf: {} } })).toEqual(
      ofLibrary(schema, { node: { name: 'n', leaf: {} } }),
    );
    expect(read(JSON.parse('{"node":{"name":"n","__proto__":{"size":1}}}') as Variables)).toBeNull();
  });
});
