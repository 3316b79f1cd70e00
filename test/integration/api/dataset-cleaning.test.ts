import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { executeRun } from '../../../src/services/training/execute-run';
import { learningPipeline } from '../../../src/services/training/learning-pipeline';
import { RunLease } from '../../../src/services/training/run-lease';
import { takeRun } from '../../support/training/take-run';
import { type ApiCaller } from '../../support/api/api-caller';
import { announceDataset, configureTable, KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const CLEANING = `query ($id: ID!) { dataset(id: $id) { cleaning { __typename
  ... on DatasetCleaning { proposals { id kind column description parameters rowsAffected example status decidedAt } }
  ... on UserError { code } } } }`;
const DECIDE = `mutation ($input: DecideCleaningInput!) { decideCleaning(input: $input) { __typename
  ... on DecideCleaningSuccess { dataset { id } } ... on UserError { code message } } }`;
const START = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
  ... on StartTrainingSuccess { run { id cleaning { id kind } } } } }`;
const RUN = `query ($id: ID!) { trainingRun(id: $id) { state error { code message } modelVersion {
  featureSpec cleaning { kind column rowsAffected } preparation { rows quarantined later duplicates mended used } } } }`;
const QUARANTINE = `query ($id: ID!, $first: Int!, $after: String) { dataset(id: $id) { quarantinedCount quarantine { __typename
  ... on DatasetQuarantine { count downloadUrl reasons { reason count }
    rows(first: $first, after: $after) { nodes { line reason text } pageInfo { hasNextPage endCursor } } }
  ... on UserError { code } } } }`;

interface Proposal {
  readonly id: string;
  readonly kind: string;
  readonly column: string | null;
  readonly rowsAffected: number;
  readonly status: string;
  readonly decidedAt: string | null;
}
interface Quarantine {
  readonly count: number;
  readonly downloadUrl: string;
  readonly reasons: object[];
  readonly rows: {
    readonly nodes: { line: number; reason: string; text: string }[];
    readonly pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

/** −1 for unknown, two spellings of a colour, some copies. */
const MESSY = `x,color,label
${Array.from({ length: 300 }, (_, i) => {
  const x = i % 10 === 0 ? -1 : (i * 7) % 40;
  return `${x},${['red', 'RED', 'blue', 'green'][i % 4]},${x > 20 === i % 9 > 0 ? 1 : 0}`;
}).join('\n')}
`;
const BROKEN = `x,color,label
1,red,1
=1+2,red,0
2,blue,0
-5-,red,1
'=x,blue,0
3,green,0,too,many
,red,1
4,"unclosed,0
`;

let test: TestApi;
let folder: string;
beforeAll(async () => {
  test = await startTestApi();
  folder = await mkdtemp(path.join(tmpdir(), 'propensity-cleaning-'));
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

async function received(caller: ApiCaller, content: string): Promise<string> {
  await configureTable(caller);
  const { id, uploadUrl } = await announceDataset(caller);
  const response = await caller.http(uploadUrl, { method: 'PUT', body: content });
  expect(response.status).toBe(200);
  return id;
}
async function proposals(caller: ApiCaller, id: string): Promise<readonly Proposal[]> {
  const { dataset } = await caller.data<{ dataset: { cleaning: { proposals: Proposal[] } } }>(CLEANING, {
    id,
  });
  return dataset.cleaning.proposals;
}
const decide = async (caller: ApiCaller, datasetId: string, proposalId: string, status: string) =>
  (await caller.data<{ decideCleaning: object }>(DECIDE, { input: { datasetId, proposalId, status } }))
    .decideCleaning;

async function start(
  caller: ApiCaller,
  datasetId: string,
): Promise<{ id: string; cleaning: { kind: string }[] }> {
  const { startTraining } = await caller.data<{
    startTraining: { run: { id: string; cleaning: { kind: string }[] } };
  }>(START, { input: { kind: KIND, datasetId } });
  return startTraining.run;
}

/** As a worker does. */
async function execute(owner: ApiTenant, runId: string): Promise<void> {
  const lease = new RunLease(test.database, { tenantId: owner.id, runId, owner: 'test' });
  await takeRun(test.database, lease);
  await executeRun({
    database: test.database,
    objects: test.stores,
    pipeline: learningPipeline({ device: 'cpu', concurrency: 1, memoryBytes: null }),
    lease,
    workDirectory: await mkdtemp(path.join(folder, 'run-')),
    signal: new AbortController().signal,
    progressIntervalMs: 1000,
  });
}

describe('cleaning proposals', () => {
  it('are accepted, refused and undone one by one, and recorded with the model that was trained on them', async () => {
    const owner = await test.tenant();
    const { caller } = owner;
    const id = await received(caller, MESSY);
    const before = await proposals(caller, id);
    expect(
      before.map(({ kind, column, rowsAffected, status }) => [kind, column, rowsAffected, status]),
    ).toEqual([
      ['DROP_DUPLICATES', null, expect.any(Number), 'OPEN'],
      ['TREAT_AS_MISSING', 'x', 30, 'OPEN'],
      ['MERGE_SPELLINGS', 'color', 75, 'OPEN'],
    ]);
    const [duplicates, missing, spellings] = before;
    for (const { id: proposalId } of before)
      expect(await decide(caller, id, proposalId, 'ACCEPTED')).toMatchObject({
        __typename: 'DecideCleaningSuccess',
      });
    // Twice is no error; refusing and undoing leave it out.
    await decide(caller, id, missing!.id, 'ACCEPTED');
    await decide(caller, id, spellings!.id, 'REFUSED');
    expect((await proposals(caller, id)).map(({ status }) => status)).toEqual([
      'ACCEPTED',
      'ACCEPTED',
      'REFUSED',
    ]);
    await decide(caller, id, spellings!.id, 'OPEN');
    const decided = await proposals(caller, id);
    expect(decided.map(({ status, decidedAt }) => [status, decidedAt === null])).toEqual([
      ['ACCEPTED', false],
      ['ACCEPTED', false],
      ['OPEN', true],
    ]);
    const run = await start(caller, id);
    expect(run.cleaning.map(({ kind }) => kind)).toEqual(['DROP_DUPLICATES', 'TREAT_AS_MISSING']);
    // What is decided afterwards is for later runs.
    await decide(caller, id, missing!.id, 'REFUSED');
    await execute(owner, run.id);
    const { trainingRun } = await caller.data<{ trainingRun: object }>(RUN, { id: run.id });
    expect(trainingRun).toMatchObject({
      state: 'SUCCEEDED',
      error: null,
      modelVersion: {
        cleaning: [
          { kind: 'DROP_DUPLICATES', column: null, rowsAffected: duplicates!.rowsAffected },
          { kind: 'TREAT_AS_MISSING', column: 'x', rowsAffected: 30 },
        ],
        preparation: {
          rows: 300,
          quarantined: 0,
          later: 0,
          duplicates: duplicates!.rowsAffected,
          mended: expect.any(Number) as number,
          used: 300 - duplicates!.rowsAffected,
        },
        featureSpec: { cleaning: { dropDuplicates: true }, features: [{ cleaning: { missing: [-1] } }, {}] },
      },
    });
  }, 60_000);

  it('that nobody decided change nothing', async () => {
    const { caller } = await test.tenant();
    const id = await received(caller, MESSY);
    expect((await start(caller, id)).cleaning).toEqual([]);
  });

  it('are for admins to decide, and nobody else’s are there', async () => {
    const { caller } = await test.tenant();
    const id = await received(caller, MESSY);
    const [first] = await proposals(caller, id);
    const input = { datasetId: id, proposalId: first!.id, status: 'ACCEPTED' };
    const stranger = await test.tenant();
    expect(await stranger.caller.code(DECIDE, { input })).toBe('NOT_FOUND');
    const analyst = await test.tenant('ANALYST');
    expect(await analyst.caller.code(DECIDE, { input })).toBe('FORBIDDEN');
    expect(await caller.code(DECIDE, { input: { ...input, proposalId: 'none' } })).toBe('NOT_FOUND');
    await decide(caller, id, first!.id, 'ACCEPTED');
    const seen = await test.database.inTenant(stranger.id, (scope) =>
      scope.query('SELECT 1 FROM cleaning_decisions'),
    );
    expect(seen).toEqual([]);
  });

  it('are a conflict before the file is there', async () => {
    const { caller } = await test.tenant();
    await configureTable(caller);
    const { id } = await announceDataset(caller);
    const { dataset } = await caller.data<{ dataset: { cleaning: object } }>(CLEANING, { id });
    expect(dataset.cleaning).toEqual({ __typename: 'Conflict', code: 'CONFLICT' });
  });
});

describe('quarantined rows', () => {
  const look = async (caller: ApiCaller, id: string, first = 100, after: string | null = null) =>
    (
      await caller.data<{ dataset: { quarantinedCount: number; quarantine: Quarantine } }>(QUARANTINE, {
        id,
        first,
        after,
      })
    ).dataset;

  it('are listed page by page with line, reason and text, and counted by reason', async () => {
    const { caller } = await test.tenant();
    const id = await received(caller, `${MESSY}${BROKEN.split('\n').slice(1).join('\n')}`);
    const { quarantinedCount, quarantine } = await look(caller, id);
    expect(quarantinedCount).toBe(quarantine.count);
    expect(quarantine.rows.nodes).toEqual([
      { line: 303, reason: 'column x: "=1+2" is not a number within ±3.4e38', text: '=1+2,red,0' },
      { line: 305, reason: 'column x: "-5-" is not a number within ±3.4e38', text: '-5-,red,1' },
      { line: 306, reason: `column x: "'=x" is not a number within ±3.4e38`, text: "'=x,blue,0" },
      { line: 307, reason: '5 fields where the header has 3', text: '3,green,0,too,many' },
      { line: 309, reason: expect.stringContaining('quote') as unknown, text: '4,"unclosed,0' },
    ]);
    expect(quarantine.reasons[0]).toEqual({
      reason: 'column x: "…" is not a number within ±3.4e38',
      count: 3,
    });
    const lines: number[] = [];
    for (let after: string | null = null; ;) {
      const { rows }: Quarantine = (await look(caller, id, 2, after)).quarantine;
      lines.push(...rows.nodes.map(({ line }) => line));
      if (!rows.pageInfo.hasNextPage) break;
      after = rows.pageInfo.endCursor;
    }
    expect(lines).toEqual([303, 305, 306, 307, 309]);
    for (const after of [
      'bm9uZQ',
      Buffer.from('20').toString('base64url'),
      Buffer.from('999999').toString('base64url'),
    ])
      expect(await caller.code(QUARANTINE, { id, first: 2, after })).toBe('BAD_USER_INPUT');
    expect(await caller.code(QUARANTINE, { id, first: 101 })).toBe('BAD_USER_INPUT');
  });

  it('are downloaded as CSV that no spreadsheet computes', async () => {
    const { caller } = await test.tenant();
    const id = await received(caller, `${MESSY}${BROKEN.split('\n').slice(1).join('\n')}`);
    const { quarantine } = await look(caller, id);
    const response = await caller.http(quarantine.downloadUrl);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="quarantine-${id}.csv"`);
    const text = await response.text();
    expect(text.split('\n')[0]).toBe('line,reason,text');
    expect(text).toContain(`"'=1+2,red,0"`);
    expect(text).toContain(`"'-5-,red,1"`);
    expect(text).toContain('"4,""unclosed,0"');
    const stranger = await test.tenant();
    expect((await stranger.caller.http(quarantine.downloadUrl)).status).toBe(404);
    const service = await test.tenant('SERVICE');
    expect((await service.caller.http(quarantine.downloadUrl)).status).toBe(403);
  });

  it('are none in a clean file', async () => {
    const { caller } = await test.tenant();
    const { quarantine } = await look(caller, await received(caller, MESSY));
    expect(quarantine).toMatchObject({ count: 0, reasons: [], rows: { nodes: [] } });
  });
});
