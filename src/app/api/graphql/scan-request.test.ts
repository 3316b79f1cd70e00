import { buildSchema, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { TAKES_GIVEN } from '../../../graphql/given-argument';
import { ScannedInputs } from '../../../graphql/given/scanned-inputs';
import { scanRequest } from './scan-request';
import { variablesReader } from './variables-reader';
import { VariablesScanner } from './variables-scanner';

const schema = buildSchema(`
  input Visit { name: String, price: Float }
  type Query { taken(of: [Visit!]!, first: Int): Int, other(of: [Visit!]!): Int }`);
schema.getQueryType()!.getFields()['taken']!.extensions = { [TAKES_GIVEN]: true };

const QUERY = 'query Q($of: [Visit!]!, $first: Int) { taken(of: $of, first: $first) }';

function operation(source: string) {
  const document = parse(source);
  const definition = document.definitions.find(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  )!;
  const scanner = VariablesScanner.of(schema, document, definition);
  return scanner && { scanner, read: variablesReader(schema, definition) };
}

const scan = (text: string) =>
  scanRequest(Buffer.from(text), ({ query, documentId }) =>
    query === QUERY || documentId === 'known' ? operation(QUERY) : null,
  );
const query = JSON.stringify(QUERY);
const OF = '{"of":[{"name":"a","price":1.5},{}]}';

describe('a request that is scanned', () => {
  it.each([
    ['as most write it', `{"query":${query},"variables":${OF}}`],
    ['with the operation after the variables', `{"operationName":"Q","variables":${OF},"query":${query}}`],
    ['that names its document', `{"variables":${OF},"documentId":"known"}`],
    [
      'with extensions and blanks',
      ` { "query" : ${query} , "extensions":{"a":[1,"}"]}, "variables" : ${OF} } `,
    ],
  ])('has its inputs as rows: %s', (_what, text) => {
    const found = scan(text);
    const { of } = found?.['variables'] as { of: ScannedInputs };
    expect(of).toBeInstanceOf(ScannedInputs);
    expect([of.count, of.text(0, 'name'), of.text(1, 'name')]).toEqual([2, 'a', null]);
    expect(of.value()).toEqual([{ name: 'a', price: 1.5 }, {}]);
    expect({ ...found, variables: null }).toEqual({ ...(JSON.parse(text) as object), variables: null });
  });

  it('has its other variables as they are', () => {
    const found = scan(`{"query":${query},"variables":{"first":3,"of":[]}}`);
    expect(found?.['variables']).toMatchObject({ first: 3, of: { count: 0 } });
  });
});

describe('a request that is left to JSON.parse', () => {
  it.each([
    ['another operation', `{"query":"{ other }","variables":${OF}}`],
    ['no variables', `{"query":${query}}`],
    ['something after it', `{"query":${query},"variables":${OF}} x`],
    ['an end before its end', `{"query":${query},"variables":${OF}`],
    ['variables twice', `{"query":${query},"variables":${OF},"variables":${OF}}`],
    ['an operation twice', `{"query":${query},"query":${query},"variables":${OF}}`],
    ['an unknown variable', `{"query":${query},"variables":{"of":[],"x":1}}`],
    ['a variable twice', `{"query":${query},"variables":{"of":[],"of":[]}}`],
    ['a list where one value belongs', `{"query":${query},"variables":{"of":[],"first":[1]}}`],
    ['one value where a list belongs', `{"query":${query},"variables":{"of":{}}}`],
    ['null where an input belongs', `{"query":${query},"variables":{"of":[null]}}`],
    ['an unknown field', `{"query":${query},"variables":{"of":[{"x":1}]}}`],
    ['a name of JavaScript', `{"query":${query},"__proto__":{},"variables":${OF}}`],
    ['one within a value', `{"query":${query},"extensions":{"__proto__":1},"variables":${OF}}`],
    ['one that is escaped', `{"query":${query},"extensions":{"\\u005f_proto__":1},"variables":${OF}}`],
    ['extensions that are no JSON', `{"query":${query},"extensions":{"a" 1},"variables":${OF}}`],
    ['nothing', ''],
    ['a list', '[]'],
  ])('%s', (_what, text) => {
    expect(scan(text)).toBeNull();
  });
});

describe('an operation whose variables are not scanned', () => {
  it.each([
    ['of a field that wants objects', 'query ($of: [Visit!]!) { other(of: $of) }'],
    ['that is used twice, once for objects', 'query ($of: [Visit!]!) { taken(of: $of) other(of: $of) }'],
    ['inside a list', 'query ($of: Visit!) { taken(of: [$of]) }'],
    ['with a value of its own', 'query ($of: [Visit!]! = []) { taken(of: $of) }'],
    ['without inputs', 'query ($first: Int) { taken(of: [], first: $first) }'],
  ])('%s', (_what, source) => {
    expect(operation(source)).toBeNull();
  });
});
