import { SCORES_HEADER } from '../../src/learning/scoring/scored-example';
import { fieldsOf } from '../../src/learning/preparation/csv-record';
import { type BatchScoring } from '../../src/services/scoring/batch-scoring.entity';
import { ScoringParts } from '../../src/services/scoring/scoring-parts';
import { hasEnded } from '../../src/services/training/run-state';
import { ingest } from '../support/api/stored-events';
import { generatedEvents } from '../support/api/generated-events';
import { DOMAIN, eventsCsv, KIND, ScoringPlatform } from '../support/scoring/scoring-platform';
import { recordsOf } from '../support/scoring/records-of';
import { until } from '../support/training/until';

const FIELDS = `id state timeline { state attempt startedAt seconds } attempt error { code message } progress { rows totalRows }
  result { accounting { rows quarantined duplicates history dates scored } reasons { reason count } downloadUrl sha256 quarantineUrl }
  modelVersion { id }`;

interface Scoring {
  readonly timeline: readonly {
    readonly state: string;
    readonly attempt: number;
    readonly seconds: number | null;
  }[];
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly error: { code: string; message: string } | null;
  readonly progress: { readonly rows: number; readonly totalRows: number | null } | null;
  readonly result: {
    readonly accounting: Readonly<Record<string, number>>;
    readonly reasons: readonly object[];
    readonly downloadUrl: string;
    readonly sha256: string;
    readonly quarantineUrl: string | null;
  } | null;
}

let platform: ScoringPlatform;
beforeAll(async () => {
  platform = await ScoringPlatform.start();
}, 120_000);
afterAll(() => platform.close());

async function start(mutation: 'scoreDataset' | 'scoreSubjects', input: object): Promise<Scoring> {
  const type = `S${mutation.slice(1)}`;
  const answer = await platform.owner.caller.data<Record<string, { scoring?: Scoring; message: string }>>(
    `mutation ($input: ${type}Input!) { ${mutation}(input: $input) {
      ... on ${type}Success { scoring { ${FIELDS} } } ... on UserError { message } } }`,
    { input: { modelVersionId: platform.version.id, ...input } },
  );
  const { scoring, message } = answer[mutation]!;
  if (!scoring) throw new Error(message);
  return scoring;
}

async function read(id: string): Promise<Scoring> {
  const { batchScoring } = await platform.owner.caller.data<{ batchScoring: Scoring }>(
    `query ($id: ID!) { batchScoring(id: $id) { ${FIELDS} } }`,
    { id },
  );
  return batchScoring;
}

const ended = (id: string): Promise<Scoring> =>
  until(
    () => read(id),
    ({ state }) => hasEnded(state as BatchScoring['state']),
  );

async function download(url: string): Promise<string> {
  const response = await platform.owner.caller.http(url, { method: 'GET' });
  expect(response.status).toBe(200);
  return response.text();
}

interface Line {
  readonly row: number;
  readonly id: string;
  readonly subject: string;
  readonly at: string;
  readonly probability: number;
  readonly logit: number;
}

function linesOf(csv: string): Line[] {
  expect(csv.startsWith(SCORES_HEADER)).toBe(true);
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [row = '', id = '', subject = '', at = '', probability = '', logit = ''] = fieldsOf(line, ',');
      return { row: Number(row), id, subject, at, probability: Number(probability), logit: Number(logit) };
    });
}

describe('scoring a dataset', () => {
  it('gives every row the numbers of the prediction query to the last bit, and says where each went', async () => {
    const csv = eventsCsv(0.05);
    const broken = `${csv}${csv.slice(csv.lastIndexOf('\n', csv.length - 2) + 1).replace(/20\d\d-\S\S-\S\S[^,]*/, 'yesterday')}`;
    const datasetId = await platform.dataset(broken);
    await platform.workers.any();
    const { id } = await start('scoreDataset', { datasetId });
    const { result, ...scoring } = await ended(id);
    expect(scoring).toMatchObject({ state: 'SUCCEEDED', error: null, attempt: 1 });
    const { accounting, reasons, quarantineUrl, downloadUrl } = result!;
    expect(accounting['rows']).toBe(broken.trimEnd().split('\n').length - 1);
    expect(accounting).toMatchObject({ quarantined: 1, dates: 0 });
    const { rows, quarantined, duplicates, history, scored } = accounting;
    expect(rows).toBe(quarantined! + duplicates! + history! + scored!);
    expect(reasons).toHaveLength(1);
    expect(await download(quarantineUrl!)).toMatch(/yesterday/);

    const lines = linesOf(await download(downloadUrl));
    const records = recordsOf(csv);
    expect(lines).toHaveLength(records.size);
    expect(lines.map(({ row }) => row)).toEqual(lines.map((_, index) => index + 1));
    for (let from = 0, size = 1; from < lines.length; from += size, size = (size % 97) + 13) {
      const some = lines.slice(from, from + size);
      const { items } = await platform.prediction.predict(
        platform.ctx,
        KIND,
        some.map((line) => records.get(line.id)!),
      );
      expect(some.map(({ probability, logit }) => [probability, logit])).toEqual(
        items.map(({ probability, logit }) => [probability, logit]),
      );
    }
    expect(new Set(lines.map(({ probability }) => probability)).size).toBeGreaterThan(lines.length / 2);
  });

  it('answers pages by falling probability', async () => {
    const datasetId = await platform.dataset(eventsCsv(0.02));
    await platform.workers.any();
    const { id } = await start('scoreDataset', { datasetId, format: 'PARQUET' });
    const { result } = await ended(id);
    const seen: { rank: number; probability: number; subjectId: string }[] = [];
    interface Page {
      readonly nodes: typeof seen;
      readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
    }
    const pageAfter = async (after: string | null): Promise<Page> => {
      const { batchScoring } = await platform.owner.caller.data<{ batchScoring: { scores: Page } }>(
        `query ($id: ID!, $after: String) { batchScoring(id: $id) { scores(first: 100, after: $after, minProbability: 0.01) {
          ... on RankedScoreConnection { nodes { rank probability subjectId } pageInfo { endCursor hasNextPage } } } } }`,
        { id, after },
      );
      return batchScoring.scores;
    };
    for (let page = await pageAfter(null); ; page = await pageAfter(page.pageInfo.endCursor)) {
      seen.push(...page.nodes);
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(seen.map(({ rank }) => rank)).toEqual(seen.map((_, index) => index + 1));
    const probabilities = seen.map(({ probability }) => probability);
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
    expect(seen.length).toBeLessThanOrEqual(result!.accounting['scored']!);
    const file = await platform.owner.caller.http(result!.downloadUrl, { method: 'GET' });
    expect(
      Buffer.from(await file.arrayBuffer())
        .subarray(0, 4)
        .toString(),
    ).toBe('PAR1');
  });

  it('goes on from the last complete part when its worker is killed', async () => {
    const datasetId = await platform.dataset(eventsCsv(0.3));
    const worker = await platform.workers.any();
    const { id } = await start('scoreDataset', { datasetId });
    await until(
      () => read(id),
      ({ state, progress }) => state === 'SCORING' && (progress?.rows ?? 0) >= 300,
    );
    worker.kill('SIGKILL');
    await worker.ended;
    const killed = await until(
      () => read(id),
      ({ state }) => state !== 'EXPORTING',
    );
    expect(killed).toMatchObject({ state: 'SCORING', result: null });
    // What is stored is marked: whoever scores it again leaves no mark.
    const parts = new ScoringParts(platform.test.stores).of({ tenantId: platform.owner.id, runId: id });
    const mark = Buffer.from('1,marked,,,0.5,0\n');
    const [first] = await collect(parts.lines('scores', 1));
    const rest = Buffer.from(first!).toString().split('\n').slice(1).join('\n');
    await parts.save(0, { scores: Buffer.concat([mark, Buffer.from(rest)]), refused: Buffer.alloc(0) });

    await platform.workers.start();
    const { result, attempt, state, timeline } = await ended(id);
    expect(timeline.map((phase) => [phase.state, phase.attempt])).toEqual([
      ['QUEUED', 0],
      ['PREPARING', 1],
      ['SCORING', 1],
      ['QUEUED', 1],
      ['PREPARING', 2],
      ['SCORING', 2],
      ['EXPORTING', 2],
      ['SUCCEEDED', 2],
    ]);
    expect(timeline.every(({ seconds }) => seconds === null || seconds >= 0)).toBe(true);
    expect({ attempt, state }).toEqual({ attempt: 2, state: 'SUCCEEDED' });
    const lines = linesOf(await download(result!.downloadUrl));
    expect(lines[0]).toMatchObject({ id: 'marked' });
    expect(lines.map(({ row }) => row)).toEqual(lines.map((_, index) => index + 1));
    expect(lines).toHaveLength(result!.accounting['scored']!);
    await until(
      () =>
        collect(parts.lines('scores', 1)).then(
          () => true,
          () => false,
        ),
      (exists) => !exists,
    );
  }, 90_000);

  it('is cancelled within seconds and leaves nothing', async () => {
    const datasetId = await platform.dataset(eventsCsv(0.3));
    await platform.workers.any();
    const { id } = await start('scoreDataset', { datasetId });
    await until(
      () => read(id),
      ({ progress }) => (progress?.rows ?? 0) >= 100,
    );
    await platform.owner.caller.data(
      'mutation ($id: ID!) { cancelScoring(input: { scoringId: $id }) { __typename } }',
      { id },
    );
    expect(await ended(id)).toMatchObject({ state: 'CANCELLED', result: null });
    const parts = new ScoringParts(platform.test.stores).of({ tenantId: platform.owner.id, runId: id });
    await until(
      () =>
        collect(parts.lines('scores', 1)).then(
          () => true,
          () => false,
        ),
      (exists) => !exists,
    );
    const { scores } = (
      await platform.owner.caller.data<{ batchScoring: { scores: { code: string } } }>(
        'query ($id: ID!) { batchScoring(id: $id) { scores(first: 1) { ... on Conflict { code } } } }',
        { id },
      )
    ).batchScoring;
    expect(scores.code).toBe('CONFLICT');
  });

  it('is seen by its own tenant alone, and is no training', async () => {
    const datasetId = await platform.dataset(eventsCsv(0.02));
    const { id } = await start('scoreDataset', { datasetId });
    const other = await platform.test.tenant();
    const { errors } = await other.caller.send(`{ batchScoring(id: "${id}") { id } }`);
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    expect((await other.caller.http(`/downloads/scorings/${id}/scores.csv`, { method: 'GET' })).status).toBe(
      404,
    );
    const { trainingRuns, batchScorings } = await platform.owner.caller.data<
      Record<'trainingRuns' | 'batchScorings', { nodes: { id: string }[] }>
    >('{ trainingRuns(first: 100) { nodes { id } } batchScorings(first: 1) { nodes { id } } }');
    expect(trainingRuns.nodes.map((run) => run.id)).not.toContain(id);
    expect(batchScorings.nodes).toEqual([{ id }]);
    await platform.workers.any();
    await ended(id);
  });
});

describe('scoring stored subjects', () => {
  it('gives each the numbers of a prediction that names it', async () => {
    const events = generatedEvents(DOMAIN, 0.02);
    for (let from = 0; from < events.length; from += 500)
      await ingest(platform.owner.caller, events.slice(from, from + 500));
    const moments = events.map(({ at }) => at).sort();
    const asOf = moments[Math.floor(moments.length / 2)]!;
    await platform.workers.any();
    const { id } = await start('scoreSubjects', { kind: KIND, asOf });
    const { result, ...scoring } = await ended(id);
    expect(scoring).toMatchObject({ state: 'SUCCEEDED', error: null });
    const lines = linesOf(await download(result!.downloadUrl));
    const known = new Set(
      events.filter((event) => new Date(event.at) < new Date(asOf)).map(({ subjectId }) => subjectId),
    );
    expect(lines.map(({ subject }) => subject).sort()).toEqual([...known].sort());
    expect(result!.accounting).toMatchObject({ rows: known.size, quarantined: 0, scored: known.size });
    const { items } = await platform.prediction.predict(
      platform.ctx,
      KIND,
      lines.map(({ subject }) => ({ subjectId: subject, at: new Date(asOf), features: {} })),
    );
    expect(lines.map(({ probability, logit }) => [probability, logit])).toEqual(
      items.map(({ probability, logit }) => [probability, logit]),
    );
  }, 90_000);
});

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of all) items.push(item);
  return items;
}
