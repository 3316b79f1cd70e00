import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { scoreLine } from '../../../src/learning/scoring/scored-example';
import { writeScoreFiles } from '../../../src/learning/scoring/score-files';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';

/** Of the validation part, those of at least 0.6 pay at a cost of 0.5 and a benefit of 10; below, nobody buys. */
const PREDICTIONS = [
  'part,id,label,probability',
  ...[0.9, 0.8, 0.6].map((p, i) => `validation,a${i},1,${p}`),
  ...[0.5, 0.04, 0.03, 0.02].map((p, i) => `validation,b${i},0,${p}`),
  'test,c,1,0.7',
  'test,d,0,0.65',
  'test,e,0,0.1',
  'test,f,1,0.01',
  '',
].join('\n');

let test: TestApi;
let owner: ApiTenant;
let versionId: string;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
  ({ id: versionId } = await trainedModel(test, owner, { predictionsCsv: PREDICTIONS }));
});
afterAll(() => test.close());

/** A scoring of stored subjects as a worker leaves it; `u0` has the first probability. */
async function scored(probabilities: readonly number[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'audience-'));
  try {
    const lines = probabilities.map((probability, i) =>
      scoreLine({
        row: i + 1,
        id: i === 0 ? 'u"0",' : `u${i}`,
        subjectId: i === 0 ? 'u"0",' : `u${i}`,
        at: new Date(0),
        probability: Math.fround(probability),
        logit: 0,
      }),
    );
    const parts = Readable.from([Buffer.from(lines.join(''))]) as AsyncIterable<Uint8Array>;
    const files = await writeScoreFiles({ parts, format: 'CSV', workDirectory: folder });
    const store = test.stores.forTenant(owner.id);
    const [scores, ranking] = [
      await store.put(await readFile(files.scores)),
      await store.put(await readFile(files.ranking)),
    ];
    const count = probabilities.length;
    const accounting = { rows: count, quarantined: 0, duplicates: 0, history: 0, dates: 0, scored: count };
    const id = randomUUID();
    await test.database.inTenant(owner.id, (scope) =>
      scope.query(
        `INSERT INTO jobs (tenant_id, id, type, kind, model_version_id, as_of, watermark, format, state, result,
                           requested_by, request_id, finished_at)
         VALUES ($1, $2, 'SCORING', 'ECOMMERCE_PURCHASE', $3, '2025-04-01', 1, 'CSV', 'SUCCEEDED', $4, $5, 'request', now())`,
        [
          owner.id,
          id,
          versionId,
          JSON.stringify({ accounting, scores, ranking, quarantine: null, reasons: [] }),
          owner.keyId,
        ],
      ),
    );
    return id;
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Answer {
  readonly __typename: string;
  readonly scoringId: string;
  readonly threshold: number;
  readonly thresholdSource: string;
  readonly users: ReadonlyArray<{
    readonly userId: string;
    readonly probability: number;
    expectedProfit: number;
  }>;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly total: {
    readonly count: number;
    readonly expectedPurchases: number;
    readonly expectedProfit: number;
  };
  readonly profit: {
    readonly curve: ReadonlyArray<{ readonly threshold: number; readonly profit: number }>;
    readonly best: { readonly threshold: number; readonly approached: number; readonly profit: number };
    readonly onTest: object;
  };
  readonly downloadUrl: string;
  readonly issues: ReadonlyArray<{ readonly path: string }>;
  readonly message: string;
}

async function audience(variables: object = {}, { caller } = owner): Promise<Answer> {
  const { audience } = await caller.data<{ audience: Answer }>(
    `query ($input: AudienceInput! = {}, $first: Int! = 100, $after: String) {
      audience(input: $input, first: $first, after: $after) {
        __typename
        ... on Audience {
          scoringId asOf threshold thresholdSource modelVersion { id }
          users { userId rank probability expectedProfit } pageInfo { hasNextPage endCursor }
          total { count expectedPurchases expectedProfit }
          profit { curve { threshold approached positives profit } best { threshold approached positives profit }
                   everybody { profit } onTest { threshold approached positives profit } validationExamples testExamples }
          downloadUrl
        }
        ... on InvalidInput { issues { path message } }
        ... on Conflict { message }
      }
    }`,
    variables,
  );
  return audience;
}

const SCORES = [0.55, 0.95, 0.2, 0.7, 0.58, 0.01];

describe('audience', () => {
  it('is of those from the threshold on that earns most on the validation part', async () => {
    await scored(SCORES);
    const { users, total, profit, ...answer } = await audience();
    expect(answer).toMatchObject({ thresholdSource: 'VALIDATION', threshold: Math.fround(0.55) });
    expect(users.map(({ userId }) => userId)).toEqual(['u1', 'u3', 'u4', 'u"0",'].slice(0, users.length));
    expect(total.count).toBe(users.length);
    const sum = users.reduce((all, { probability }) => all + probability, 0);
    expect(total.expectedPurchases).toBeCloseTo(sum, 9);
    expect(total.expectedProfit).toBeCloseTo(10 * sum - 0.5 * users.length, 9);
    expect(profit.best).toMatchObject({ approached: 3, positives: 3, profit: 28.5 });
    expect(profit.curve).toContainEqual(profit.best);
    // Chosen on one part, judged on the other.
    expect(profit.onTest).toMatchObject({ approached: 2, positives: 1, profit: 9 });
  });

  it('takes the threshold that is given, as a probability or as what an approach earns', async () => {
    await scored(SCORES);
    const given = await audience({ input: { minProbability: 0.6 } });
    expect(given).toMatchObject({ thresholdSource: 'GIVEN', threshold: 0.6 });
    expect(given.users.map(({ userId }) => userId)).toEqual(['u1', 'u3']);
    const { users, threshold } = await audience({ input: { minExpectedProfit: 6 } });
    expect(threshold).toBeCloseTo(0.65, 12);
    for (const { expectedProfit } of users) expect(expectedProfit).toBeGreaterThanOrEqual(6);
    expect(users).toHaveLength(2);
    expect((await audience({ input: { minProbability: 1 } })).users).toEqual([]);
    expect((await audience({ input: { minProbability: 0 } })).users).toHaveLength(SCORES.length);
  });

  it('is read page by page of one scoring, whatever is scored meanwhile', async () => {
    const first = await scored(Array.from({ length: 25 }, (_, i) => (i + 1) / 30));
    const seen: string[] = [];
    let after: string | null = null;
    let later: string | null = null;
    do {
      const page: Answer = await audience({ input: { minProbability: 0.1 }, first: 10, after });
      expect(page.scoringId).toBe(first);
      seen.push(...page.users.map(({ userId }) => userId));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      later ??= await scored([0.99]);
    } while (after !== null);
    expect(seen).toEqual(Array.from({ length: 23 }, (_, i) => `u${24 - i}`));
    expect((await audience({ input: { minProbability: 0 } })).scoringId).toBe(later);
    expect((await audience({ input: { minProbability: 0, scoringId: first } })).scoringId).toBe(first);
  });

  it('is downloaded as a whole, as CSV', async () => {
    await scored(SCORES);
    const { downloadUrl, users } = await audience({ input: { minProbability: 0.5 }, first: 1 });
    const response = await owner.caller.http(downloadUrl);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [header, ...rows] = (await response.text()).trimEnd().split('\r\n');
    expect(header).toBe('user_id,rank,probability,expected_profit');
    expect(rows.map((row) => row.split(',').at(-3))).toEqual(['1', '2', '3', '4']);
    expect(rows[0]).toBe(`u1,1,${users[0]?.probability},${users[0]?.expectedProfit}`);
    expect(rows[3]?.startsWith('"u""0"","')).toBe(true);
    const other = await test.tenant();
    expect((await other.caller.http(downloadUrl)).status).toBe(404);
    expect(
      (await owner.caller.http(downloadUrl.replace(/minProbability=[^&]*/, 'minProbability=x'))).status,
    ).toBe(400);
  });

  it('needs a scoring, of these customers', async () => {
    expect(await audience()).toMatchObject({ __typename: 'Conflict' });
    const id = await scored(SCORES);
    const other = await test.tenant();
    const { errors } = await other.caller.send(
      'query ($id: ID!) { audience(input: { scoringId: $id }) { __typename } }',
      { id },
    );
    expect(errors[0]?.extensions['code']).toBe('NOT_FOUND');
  });

  it('says what is wrong with an input', async () => {
    await scored(SCORES);
    const pathOf = async (variables: object) => (await audience(variables)).issues[0]?.path;
    expect(await pathOf({ first: 0 })).toBe('first');
    expect(await pathOf({ first: 1001 })).toBe('first');
    expect(await pathOf({ input: { minProbability: -0.1 } })).toBe('input.minProbability');
    expect(await pathOf({ input: { minProbability: 0.1, minExpectedProfit: 1 } })).toBe(
      'input.minExpectedProfit',
    );
    expect(await pathOf({ input: { scoringId: 'x' } })).toBe('input.scoringId');
    expect(await pathOf({ after: 'nonsense' })).toBe('after');
  });
});
