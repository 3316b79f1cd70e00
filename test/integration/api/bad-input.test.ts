import { type ApiCaller } from '../../support/api/api-caller';
import { announceDataset, configureTable, KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

/** What tenants send: each file is refused with a typed reason, or its bad rows are set aside one by one. */
let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
  await configureTable(owner.caller);
});
afterAll(() => test.close());

const HEADER = 'x,color,label';
const ROWS = Array.from({ length: 40 }, (_, i) => `${i},${['red', 'blue'][i % 2]},${i % 3 === 0 ? 1 : 0}`);
const TEXT = [HEADER, ...ROWS, ''].join('\n');
const replaced = (i: number, line: string): string[] => ROWS.map((row, index) => (index === i ? line : row));
const file = (rows: readonly string[], header = HEADER): string => [header, ...rows, ''].join('\n');

interface Answer {
  readonly status: number;
  readonly body: {
    readonly code?: string;
    readonly message?: string;
    readonly rowCount?: number;
    readonly quarantinedCount?: number;
    readonly quarantineSample?: { line: number; reason: string; text: string }[];
  };
}

async function send(
  content: string | Uint8Array,
  caller: ApiCaller = owner.caller,
): Promise<Answer & { id: string }> {
  const { id, uploadUrl } = await announceDataset(caller);
  const response = await caller.http(uploadUrl, { method: 'PUT', body: content });
  return { id, status: response.status, body: (await response.json()) as Answer['body'] };
}

const utf16 = (text: string, order: 'le' | 'be', mark: boolean): Buffer => {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
};

describe('a file that is refused with a reason', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['UTF-16, little-endian', utf16(TEXT, 'le', true), /UTF-16: save it as UTF-8/],
    ['UTF-16, big-endian', utf16(TEXT, 'be', true), /UTF-16: save it as UTF-8/],
    ['UTF-16 without a mark', utf16(TEXT, 'le', false), /UTF-8/],
    [
      'a Latin-1 header',
      Buffer.from(TEXT.replace('color', 'prénom'), 'latin1'),
      /header line is not UTF-8 text/,
    ],
    [
      'Latin-1 in most rows',
      Buffer.from(TEXT.replaceAll('red', 'rouge é').replaceAll('blue', 'gr\u00fcn'), 'latin1'),
      /40 of 40 rows .* is not UTF-8 text/,
    ],
    ['NUL bytes in the header', TEXT.replace('color', 'co\0lor'), /UTF-8 text/],
    [
      'NUL bytes in most rows',
      TEXT.replaceAll('red', 're\0d').replaceAll('blue', '\0'),
      /40 of 40 rows .* holds a NUL character/,
    ],
    [
      'another delimiter in most rows',
      file(ROWS.map((row, i) => (i < 30 ? row.replaceAll(',', ';') : row))),
      /30 of 40 rows .* 1 field where the header has 3/,
    ],
    ['a quote in the header that never closes', TEXT.replace('x,', '"x,'), /quote that never closes/],
    [
      'a label of one class',
      file(ROWS.map((row) => row.replace(/.$/, '1'))),
      /label column label holds one class only: 1 \(40\)/,
    ],
    [
      'a label of three',
      file(ROWS.map((row, i) => row.replace(/.$/, String(i % 3)))),
      /must hold two values, but holds 3/,
    ],
    [
      '10,000 columns',
      Array.from({ length: 10_000 }, (_, i) => `c${i}`).join(',') + '\n',
      /10000 columns; at most 4096/,
    ],
    ['no rows', `${HEADER}\n`, /no rows/],
    ['nothing but blanks', '\n\n  \n', /blank lines/],
    [
      'numbers that are none in most rows',
      file(ROWS.map((row) => `a${row}`)),
      /mostly for the column x \(40 rows\)/,
    ],
  ])('%s', async (_, content, message) => {
    const { id, status, body } = await send(content);
    expect({ status, ...body }).toMatchObject({ status: 422, code: 'INVALID_DATA' });
    expect(body.message).toMatch(message);
    expect(body.message).not.toMatch(/duckdb|select |stack|\/tmp/i);
    const { dataset } = await owner.caller.data<{ dataset: object }>(
      'query ($id: ID!) { dataset(id: $id) { state sha256 rejection { code message } } }',
      { id },
    );
    expect(dataset).toEqual({
      state: 'REJECTED',
      sha256: null,
      rejection: { code: 'INVALID_DATA', message: body.message },
    });
  });
});

describe('a file whose bad rows are set aside', () => {
  it.each<[string, string | Uint8Array, number[], RegExp]>([
    ['Latin-1 in a row', Buffer.from(file(replaced(4, '5,gr\u00fcn,0')), 'latin1'), [6], /not UTF-8 text/],
    ['a NUL byte', file(replaced(4, '5,r\0d,0')), [6], /NUL character/],
    [
      'other delimiters in some rows',
      file(
        ROWS.map((row, i) =>
          i === 3 ? row.replaceAll(',', ';') : i === 9 ? row.replaceAll(',', '\t') : row,
        ),
      ),
      [5, 11],
      /1 field where the header has 3/,
    ],
    ['a quote that never closes', file(replaced(4, '5,"red,0')), [6], /quote/],
    ['a quote that never closes in the last row', file(replaced(39, '5,"red,0')), [41], /quote|cut/],
    [
      'too few and too many fields',
      file(ROWS.map((row, i) => (i === 1 ? '7' : i === 2 ? `${row},9` : row))),
      [3, 4],
      /fields? where the header has 3/,
    ],
    ['a missing label', file(replaced(4, '5,red,')), [6], /label is missing/],
    ['a number that is none', file(replaced(4, '1e999,red,0')), [6], /not a number/],
    [
      'half an emoji where the text is cut',
      file(replaced(4, `5,${'a'.repeat(197)}😀😀,0,1`)),
      [6],
      /4 fields/,
    ],
  ])('%s', async (_, content, lines, reason) => {
    const { id, status, body } = await send(content);
    expect({ status, lines: body.quarantineSample?.map(({ line }) => line) }).toEqual({ status: 200, lines });
    expect(body).toMatchObject({ rowCount: 40, quarantinedCount: lines.length });
    for (const row of body.quarantineSample ?? []) expect(row.reason).toMatch(reason);
    // The whole list says the same.
    const { dataset } = await owner.caller.data<{
      dataset: { quarantine: { count: number; rows: { nodes: object[] } } };
    }>(
      `query ($id: ID!) { dataset(id: $id) { quarantine { ... on DatasetQuarantine { count rows { nodes { line reason } } } } } }`,
      { id },
    );
    expect(dataset.quarantine.count).toBe(lines.length);
    expect(dataset.quarantine.rows.nodes).toEqual(
      body.quarantineSample?.map(({ line, reason: why }) => ({ line, reason: why })),
    );
  });
});

describe('moments', () => {
  const EVENTS = {
    shape: 'EVENTS',
    subjectColumn: 'user',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['view'],
    label: { event: 'buy', withinMinutes: 600 },
    features: [{ type: 'numeric', name: 'price' }],
  };
  const CLEANING = `query ($id: ID!) { dataset(id: $id) { quarantinedCount cleaning { __typename
    ... on DatasetCleaning { proposals { kind rowsAffected parameters } } ... on UserError { message } } } }`;
  let caller: ApiCaller;
  beforeAll(async () => {
    caller = (await test.tenant()).caller;
    await caller.data(
      'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
      {
        input: { kind: KIND, featureSpec: EVENTS, preset: 'TINY' },
      },
    );
  });
  const events = (write: (iso: string, i: number) => string): string =>
    [
      'user,at,kind,price',
      ...Array.from({ length: 60 }, (_, i) => {
        const iso = new Date(Date.UTC(2024, 0, 13 + Math.floor(i / 2), i % 24)).toISOString();
        return `u${i % 5},${write(iso, i)},${i % 4 === 3 ? 'buy' : 'view'},${i}`;
      }),
      '',
    ].join('\n');
  const cleaning = async (id: string) =>
    (
      await caller.data<{
        dataset: { quarantinedCount: number; cleaning: { proposals: { kind: string }[] } };
      }>(CLEANING, { id })
    ).dataset;

  it('in three formats are received, set aside, and proposed to be read', async () => {
    const ways = [
      (iso: string) => iso,
      (iso: string) => `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)} ${iso.slice(11, 16)}`,
      (iso: string) => String(Date.parse(iso) / 1000),
    ];
    const { id, status } = await send(
      events((iso, i) => ways[i % 3]!(iso)),
      caller,
    );
    expect(status).toBe(200);
    const dataset = await cleaning(id);
    expect(dataset.quarantinedCount).toBe(40);
    expect(dataset.cleaning.proposals.filter(({ kind }) => kind === 'READ_TIME_FORMAT')).toEqual(
      expect.arrayContaining([
        {
          kind: 'READ_TIME_FORMAT',
          rowsAffected: 20,
          parameters: { column: 'at', format: '%d/%m/%Y %H:%M' },
        },
        { kind: 'READ_TIME_FORMAT', rowsAffected: 20, parameters: { column: 'at', format: 'unix' } },
      ]),
    );
  });

  it('in the future are proposed to be left out', async () => {
    const { id } = await send(
      events((iso, i) => (i === 59 ? iso.replace('2024', '2124') : iso)),
      caller,
    );
    const dataset = await cleaning(id);
    expect(dataset.cleaning.proposals[0]).toMatchObject({ kind: 'DROP_LATER_ROWS', rowsAffected: 1 });
  });

  it('that nobody can read are a reason to refuse the file', async () => {
    const { status, body } = await send(
      events(() => 'yesterday'),
      caller,
    );
    expect(status).toBe(422);
    expect(body.message).toMatch(/mostly for the column at .* no ISO 8601 moment/);
  });

  it('are missing where no event is of a kind that is predicted at: an empty join', async () => {
    const { status, body } = await send(events((iso) => iso).replaceAll('view', 'look'), caller);
    expect(status).toBe(422);
    expect(body.message).toMatch(
      /No row is a moment of prediction \(kind view\). Kinds seen: look \(45\), buy \(15\)/,
    );
  });
});
