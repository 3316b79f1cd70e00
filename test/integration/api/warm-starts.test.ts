import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { executeRun } from '../../../src/services/training/execute-run';
import { learningPipeline } from '../../../src/services/training/learning-pipeline';
import { RunLease } from '../../../src/services/training/run-lease';
import { type TrainingPipeline } from '../../../src/services/training/training-pipeline';
import { announceDataset, KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';
import { subjectWorker } from '../../support/privacy/subject-worker';
import { takeRun } from '../../support/training/take-run';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

const WARM = 'warmStart { modelVersionId modelVersion { number } refused weights takenShare validationLoss }';

interface Warm {
  readonly modelVersion: { readonly number: number };
  readonly refused: string | null;
  readonly weights: number | null;
  readonly takenShare: number | null;
  readonly validationLoss: number | null;
}
interface Run {
  readonly id: string;
  readonly state: string;
  readonly error: { readonly message: string } | null;
  readonly epochs: ReadonlyArray<{ readonly validationLoss: number }>;
  readonly warmStart: Warm | null;
  readonly modelVersion: {
    readonly id: string;
    readonly number: number;
    readonly warmStart: Warm | null;
  } | null;
}

/** Rows from one day on, a minute apart, whose colour says more than their number. */
const rows = (from: string, count: number, colors: readonly string[]): string =>
  Array.from({ length: count }, (_, row) => {
    const color = (row * 7) % colors.length;
    const at = new Date(Date.parse(from) + row * 60_000).toISOString();
    return `${row % 5 === 0 ? 'u1' : `u${row}`},${at},${row % 13},${colors[color]},${Number((color + (row % 3 === 0 ? 1 : 0)) % 2 === 0)}`;
  }).join('\n');

async function configure(features: object = {}): Promise<void> {
  const { configureDomain } = await owner.caller.data<{ configureDomain: { __typename: string } }>(
    'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
    {
      input: {
        kind: KIND,
        featureSpec: {
          shape: 'TABLE',
          label: { column: 'label' },
          subjectColumn: 'user',
          features: [
            { type: 'numeric', name: 'x' },
            { type: 'categorical', name: 'color' },
          ],
          ...features,
        },
        modelConfig: { architecture: 'bag', dense: [8], maxEpochs: 3, batchSize: 32 },
      },
    },
  );
  expect(configureDomain.__typename).toBe('ConfigureDomainSuccess');
}

async function dataset(...content: readonly string[]): Promise<string> {
  const { id, uploadUrl } = await announceDataset(owner.caller);
  const body = `user,at,x,color,label\n${content.join('\n')}\n`;
  expect((await owner.caller.http(uploadUrl, { method: 'PUT', body })).status).toBe(200);
  return id;
}

async function start(
  input: object,
): Promise<{ __typename: string; run?: { id: string }; message?: string; issues?: { path: string }[] }> {
  const { startTraining } = await owner.caller.data<{ startTraining: Awaited<ReturnType<typeof start>> }>(
    `mutation ($input: StartTrainingInput!) { startTraining(input: $input) { __typename
      ... on StartTrainingSuccess { run { id } } ... on UserError { message } ... on InvalidInput { issues { path } } } }`,
    { input: { kind: KIND, ...input } },
  );
  return startTraining;
}

async function lookAt(id: string): Promise<Run> {
  const { trainingRun } = await owner.caller.data<{ trainingRun: Run }>(
    `query ($id: ID!) { trainingRun(id: $id) { id state error { message } epochs { validationLoss } ${WARM}
      modelVersion { id number ${WARM} } } }`,
    { id },
  );
  return trainingRun;
}

/** Asks for a training and executes it as a worker would. */
async function train(
  input: object,
  around: (pipeline: TrainingPipeline) => TrainingPipeline = (same) => same,
): Promise<Run> {
  const runId = (await start(input)).run?.id ?? '';
  const workDirectory = await mkdtemp(path.join(tmpdir(), 'warm-starts-'));
  const lease = new RunLease(test.database, { tenantId: owner.id, runId, owner: 'test' });
  expect(await takeRun(test.database, lease)).toBe(true);
  await executeRun({
    database: test.database,
    objects: test.stores,
    pipeline: around(learningPipeline({ device: 'cpu', concurrency: 2, memoryBytes: null })),
    workDirectory,
    lease,
    signal: new AbortController().signal,
    progressIntervalMs: 1,
  });
  await rm(workDirectory, { recursive: true });
  return lookAt(runId);
}

const REASON = '{ reason: "a small model" }';
const promote = (id = '') =>
  owner.caller.data(
    `mutation { promoteModel(input: { modelVersionId: "${id}", baselineOverride: ${REASON} }) { __typename } }`,
  );

const lowest = ({ epochs }: Run): number => Math.min(...epochs.map(({ validationLoss }) => validationLoss));

const BEFORE = rows('2026-01-01T00:00:00Z', 300, ['red', 'blue', 'green', 'grey']);
const AFTER = rows('2026-01-03T00:00:00Z', 300, ['white', 'grey', 'red', 'pink', 'green', 'blue']);

describe('a training that starts from a version', () => {
  it('takes over what stands for the same, and says how much of it and from which version', async () => {
    await configure({ timeColumn: 'at' });
    const first = await train({ datasetId: await dataset(BEFORE) });
    expect(first).toMatchObject({
      state: 'SUCCEEDED',
      warmStart: null,
      modelVersion: { number: 1, warmStart: null },
    });
    await promote(first.modelVersion?.id);
    const longer = await dataset(BEFORE, AFTER);
    const next = await train({ datasetId: longer, startFrom: 'CHAMPION' });
    expect(next).toMatchObject({ state: 'SUCCEEDED', error: null });
    expect(next.modelVersion).toMatchObject({ number: 2, warmStart: next.warmStart });
    const { warmStart } = next;
    expect(warmStart).toMatchObject({ refused: null, modelVersion: { number: 1 } });
    // All but the vectors of two new colours.
    expect(warmStart?.takenShare).toBeLessThan(1);
    expect(warmStart?.takenShare).toBeGreaterThan(0.8);
    const named = await train({ datasetId: longer, startFromVersionId: next.modelVersion?.id });
    expect(named.warmStart).toMatchObject({ refused: null, takenShare: 1, modelVersion: { number: 2 } });
    expect(named.warmStart?.validationLoss).toBeLessThanOrEqual(lowest(next) + 1e-6);
  });

  it('starts from drawn weights where the version has seen what is held out now, and says so', async () => {
    await configure({ timeColumn: 'at' });
    const all = await train({ datasetId: await dataset(BEFORE, AFTER) });
    const earlier = await dataset(BEFORE);
    const from = { startFromVersionId: all.modelVersion?.id };
    const refused = await train({ datasetId: earlier, ...from });
    expect(refused).toMatchObject({ state: 'SUCCEEDED' });
    expect(refused.warmStart?.refused).toMatch(/^It has learned from labels until 2026-01-03/);
    expect(refused.warmStart).toMatchObject({ weights: null, takenShare: null, validationLoss: null });
    const drawn = await train({ datasetId: earlier });
    expect(refused.epochs).toEqual(drawn.epochs);
    // By lot, only the same file is sure to be divided as it was.
    await configure();
    const shuffled = await train({ datasetId: earlier });
    const same = { startFromVersionId: shuffled.modelVersion?.id };
    expect((await train({ datasetId: earlier, ...same })).warmStart?.refused).toBeNull();
    const another = await train({ datasetId: await dataset(BEFORE, AFTER), ...same });
    expect(another.warmStart?.refused).toMatch(/^It may have learned/);
  });

  it('is refused where there is nothing to start from', async () => {
    await configure();
    const datasetId = await dataset(BEFORE);
    expect(await start({ datasetId, startFrom: 'CHAMPION' })).toMatchObject({
      __typename: 'Conflict',
      message: expect.stringContaining('promote one') as string,
    });
    const { id } = await trainedModel(test, owner);
    expect(await start({ datasetId, startFromVersionId: id })).toMatchObject({
      __typename: 'Conflict',
      message: expect.stringContaining('before weights were kept') as string,
    });
    expect(await start({ datasetId, startFromVersionId: id, startFrom: 'NOTHING' })).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'startFromVersionId' }],
    });
    const stranger = await test.tenant();
    const { id: theirs } = await trainedModel(test, stranger);
    const code = (startFromVersionId: string) =>
      owner.caller.code(
        'mutation ($input: StartTrainingInput!) { startTraining(input: $input) { __typename } }',
        {
          input: { kind: KIND, datasetId, startFromVersionId },
        },
      );
    expect([await code(theirs), await code(randomUUID())]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });
});

describe('the erasure of a subject', () => {
  async function erase(models: 'RETIRE' | 'KEEP') {
    const { eraseSubject } = await owner.caller.data<{ eraseSubject: { request: { id: string } } }>(
      'mutation ($input: EraseSubjectInput!) { eraseSubject(input: $input) { ... on EraseSubjectSuccess { request { id } } } }',
      { input: { subjectId: 'u1', models, ...(models === 'KEEP' ? { legalGround: 'a law' } : {}) } },
    );
    return eraseSubject.request.id;
  }

  const receiptOf = async (id: string) => {
    const { subjectRequest } = await owner.caller.data<{
      subjectRequest: {
        receipt: {
          modelVersions: { number: number; inheritedFrom: string | null; outcome: string }[];
        } | null;
      };
    }>(
      'query ($id: ID!) { subjectRequest(id: $id) { receipt { modelVersions { number inheritedFrom outcome datasets { rows } } } } }',
      { id },
    );
    return subjectRequest.receipt?.modelVersions.map(({ number, inheritedFrom, outcome }) => ({
      number,
      inheritedFrom,
      outcome,
    }));
  };

  it('settles all that started from a version that knew it, over generations, and nothing starts from these again', async () => {
    await configure({ timeColumn: 'at' });
    const first = await train({ datasetId: await dataset(BEFORE) });
    const clean = AFTER.replaceAll('u1,', 'nobody,');
    const second = await train({
      datasetId: await dataset(clean),
      startFromVersionId: first.modelVersion?.id,
    });
    const third = await train({
      datasetId: await dataset(clean),
      startFromVersionId: second.modelVersion?.id,
    });
    expect([second.warmStart?.refused, third.warmStart?.refused]).toEqual([null, null]);
    // That it was to start from it, and did not, is nothing that it could know by.
    await train({
      datasetId: await dataset(clean.replaceAll('2026-01-03', '2025-01-03')),
      startFromVersionId: first.modelVersion?.id,
    });
    const id = await erase('KEEP');
    await subjectWorker(test).workOff();
    expect(await receiptOf(id)).toEqual([
      { number: 1, inheritedFrom: null, outcome: 'KEPT' },
      { number: 2, inheritedFrom: first.modelVersion?.id, outcome: 'KEPT' },
      { number: 3, inheritedFrom: second.modelVersion?.id, outcome: 'KEPT' },
    ]);
    for (const { modelVersion } of [first, second, third])
      expect(
        await start({ datasetId: await dataset(clean), startFromVersionId: modelVersion?.id }),
      ).toMatchObject({
        __typename: 'Conflict',
        message: expect.stringContaining('was erased') as string,
      });
    const again = await erase('RETIRE');
    await subjectWorker(test).workOff();
    // The files are clean by now: there is nothing left to say.
    expect(await receiptOf(again)).toEqual([]);
  });

  it('removes what failed trainings left to go on from, and no others’', async () => {
    await configure({ timeColumn: 'at' });
    const datasetId = await dataset(BEFORE);
    const clean = await dataset(AFTER.replaceAll('u1,', 'nobody,'));
    const first = await train({ datasetId });
    const descendant = { datasetId: clean, startFromVersionId: first.modelVersion?.id };
    const store = test.stores.forTenant(owner.id);
    const names: string[] = [];
    for (const input of [{ datasetId }, descendant, { datasetId: clean }]) {
      const id = (await start(input)).run?.id ?? '';
      names.push(`checkpoints/${id}`);
      await store.putNamed(`checkpoints/${id}`, Buffer.from('weights'));
      await test.database.inTenant(owner.id, (scope) =>
        scope.query(
          `UPDATE jobs SET state = 'FAILED', attempt = 1, started_at = now(), finished_at = now()
            WHERE tenant_id = $1 AND id = $2`,
          [owner.id, id],
        ),
      );
    }
    await erase('RETIRE');
    await subjectWorker(test).workOff();
    const left = await Promise.all(names.map(async (name) => (await store.getNamed(name)) !== null));
    expect(left).toEqual([false, false, true]);
  });

  it('lets no training end with what it took from a version that was settled meanwhile', async () => {
    await configure({ timeColumn: 'at' });
    const first = await train({ datasetId: await dataset(BEFORE) });
    const clean = await dataset(AFTER.replaceAll('u1,', 'nobody,'));
    let erasure = '';
    const meanwhile = await train(
      { datasetId: clean, startFromVersionId: first.modelVersion?.id },
      (pipeline) => async (input) => {
        const result = await pipeline(input);
        erasure = await erase('RETIRE');
        // As if it had begun after the files were clean, so that nobody waits for it.
        await test.database.inTenant(owner.id, (scope) =>
          scope.query(
            "UPDATE jobs SET started_at = now() + interval '1 hour' WHERE tenant_id = $1 AND finished_at IS NULL",
            [owner.id],
          ),
        );
        await subjectWorker(test).workOff();
        return result;
      },
    );
    expect(meanwhile).toMatchObject({ state: 'FAILED', modelVersion: null });
    expect(meanwhile.error?.message).toContain('was taken back while it was trained');
    expect(await receiptOf(erasure)).toEqual([{ number: 1, inheritedFrom: null, outcome: 'RETIRED' }]);
  });
});
