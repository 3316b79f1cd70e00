/** Is known by the id "kept". */
export const PERSISTED = 'query Kept($of: Int!) { twice(of: $of) }';

/** A request of this document. */
export const query = (text: string, variables?: object, more?: object): object => ({
  query: text,
  variables,
  ...more,
});

/** Requests of operations that are executed, with the status of the answer and a part of it. */
export const EXECUTED: readonly [string, object, number, string][] = [
  ['a value', query('{ twice(of: 4) }'), 200, '{"data":{"twice":8}}'],
  ['a variable', query('query ($of: Int!) { twice(of: $of) }', { of: 4 }), 200, '"twice":8'],
  ['an argument left out', query('{ sum }'), 200, '"sum":3'],
  ['a variable left out', query('query ($of: [Int!] = [7]) { sum(of: $of) }'), 200, '"sum":7'],
  ['one value for a list', query('query ($of: [Int!]!) { sum(of: $of) }', { of: 5 }), 200, '"sum":5'],
  [
    'variables that are not asked for',
    query('query ($of: Int!) { a: twice(of: $of) }', { of: 1, x: 2 }),
    200,
    '"a":2',
  ],
  [
    'an input object',
    query('query ($more: Numbers) { sum(more: $more) }', { more: { values: [1, 2] } }),
    200,
    '9',
  ],
  [
    'null for an input',
    query('query ($more: Numbers) { s: sum(more: $more) }', { more: null }),
    200,
    '"s":3',
  ],
  ['an enum', query('query ($of: Color) { color(of: $of) }', { of: 'BLUE' }), 200, '"BLUE"'],
  [
    'aliases and lists',
    query('{ b: items(first: 1) { z: id name } a: items(first: 2) { name id } }'),
    200,
    '"z":"0"',
  ],
  ['levels', query('{ items { id next { id next { id next { id } } } } }'), 200, '"next":null'],
  [
    'fragments',
    query(
      '{ items { ...F ... { name } } } fragment F on Item { id ...G } fragment G on Item { next { id } }',
    ),
    200,
    '"item 0"',
  ],
  ['fields twice', query('{ items { id id name } items { next { id } } }'), 200, '"next"'],
  [
    'a union',
    query('{ shapes { __typename ... on Circle { radius } ... on Square { side name } } }'),
    200,
    '"radius":1.5',
  ],
  [
    'an interface',
    query('{ named { name ... on Item { id } ... on Circle { __typename radius } } }'),
    200,
    '"Circle"',
  ],
  ['a type’s name', query('{ __typename items { __typename } }'), 200, '"Query"'],
  [
    'a mutation',
    query(
      'mutation { a: put(name: "x") { __typename ... on Item { id } } b: put(name: "") { ... on Refusal { code } } }',
    ),
    200,
    '"EMPTY"',
  ],
  [
    '@skip',
    query('query ($s: Boolean!) { twice(of: 1) @skip(if: $s) color }', { s: true }),
    200,
    '{"data":{"color":"RED"}}',
  ],
  [
    '@include',
    query(
      'query ($s: Boolean!) { twice(of: 1) @include(if: $s) ...F @include(if: $s) } fragment F on Query { color }',
      { s: true },
    ),
    200,
    '"RED"',
  ],
  ['everything left out', query('{ color @skip(if: true) }'), 200, '{"data":{}}'],
  [
    'the operation that is named',
    query('query A { twice(of: 1) } query B { twice(of: 2) }', {}, { operationName: 'B' }),
    200,
    '"twice":4',
  ],
  ['no name', query('query C { twice(of: 3) }', {}, { operationName: '' }), 200, '"twice":6'],
  [
    'extensions',
    query('{ x: twice(of: 1) }', {}, { extensions: { tracing: true } }),
    200,
    '{"data":{"x":2}}',
  ],
  ['a part that fails', query('{ twice(of: 1) fails(how: TYPED) }'), 200, '"FORBIDDEN"'],
  ['a defect', query('{ fails(how: DEFECT) }'), 200, '"INTERNAL_SERVER_ERROR"'],
  ['a late defect', query('{ fails(how: LATE) twice(of: 1) }'), 200, '"twice":2'],
  ['an outage', query('{ fails(how: OUTAGE) }'), 200, '"UNAVAILABLE"'],
  ['a value of another type', query('{ fails(how: TEXT) }'), 200, '"INTERNAL_SERVER_ERROR"'],
  ['a required field that fails', query('{ failsDeep { id next { broken } } }'), 200, '"next":null'],
  ['one that fails later', query('{ failsDeep { id brokenLater } color }'), 200, '"NOT_FOUND"'],
  [
    'a required field that fails after one that may be null',
    query('{ failsDeep { n: next { ...B } ...B } } fragment B on Item { broken }'),
    200,
    'null',
  ],
  [
    'required fields in the items of a list',
    query('{ items { next { brokenLater b: broken } } }'),
    200,
    'null',
  ],
  [
    'several required fields that fail',
    query('{ failsDeep { broken brokenLater next { broken } } }'),
    200,
    'null',
  ],
  [
    'required fields that fail later',
    query('{ failsDeep { id brokenLater next { brokenLater } b: brokenLater } }'),
    200,
    'null',
  ],
  ['a list with a null that it must not have', query('{ items { tags } }'), 200, '"tags":null'],
  ['an operation whose data is lost', query('{ items { broken } }'), 200, '"data":null'],
  ['a rate that is used up', query('{ limited }'), 429, '"RATE_LIMITED"'],
  ['one that is used up beside an answer', query('{ limited color }'), 429, '"retryAfterSeconds":7'],
  ['a persisted operation', { documentId: 'kept', variables: { of: 2 } }, 200, '"twice":4'],
];

/** Requests of which nothing is executed. */
export const REFUSED: readonly [string, unknown, number, string][] = [
  [
    'variables of another type',
    query('query ($of: Int!) { t: twice(of: $of) }', { of: 'many' }),
    400,
    'Variable \\"$of\\"',
  ],
  ['a variable that is missing', query('query ($of: Int!) { u: twice(of: $of) }'), 400, 'of required type'],
  ['an unknown enum value', query('query ($of: Color) { d: color(of: $of) }', { of: 'GREEN' }), 400, 'GREEN'],
  [
    'an unknown field of an input',
    query('query ($m: Numbers) { v: sum(more: $m) }', { m: { values: [1], x: 1 } }),
    400,
    'not defined',
  ],
  [
    'several operations without a name',
    query('query A { color } query B { color }'),
    400,
    'Must provide operation name',
  ],
  ['an unknown name', query('query A { color }', {}, { operationName: 'Z' }), 400, 'Unknown operation named'],
  ['no operation', query('fragment F on Query { color }'), 400, 'never used'],
  ['an unknown field', query('{ colr }'), 400, 'Cannot query field'],
  ['no GraphQL', query('{'), 400, 'Syntax Error'],
  ['a subscription', query('subscription { ticks }'), 400, 'WebSocket'],
  ['the schema', query('{ __schema { types { name } } }'), 400, 'introspection'],
  [
    'too dear',
    query('query ($n: Int) { items(first: $n) { next { id } } }', { n: 200 }),
    400,
    '"OPERATION_TOO_COSTLY"',
  ],
  ['too large', query(`{ ${'color '.repeat(21)} }`), 400, '"OPERATION_TOO_LARGE"'],
  ['an unknown persisted operation', { documentId: 'lost' }, 400, '"OPERATION_UNKNOWN"'],
  ['a batch', [query('{ color }')], 400, 'one by one'],
  ['nothing', {}, 400, 'missing'],
  ['an empty text', query(''), 400, 'missing'],
  ['variables that are no object', query('{ color }', [1]), 400, '"variables\\"'],
  ['a name that is no text', query('{ color }', {}, { operationName: 7 }), 400, '"operationName\\"'],
  ['malformed JSON', '{', 400, '"BAD_USER_INPUT"'],
  ['no body', '', 400, '"BAD_USER_INPUT"'],
];
