import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ecommerce from '../../../domains/ecommerce-purchase';
import { prepareExamples } from '../../../src/learning/preparation/prepare-examples';
import { type TrainedModel, trainModel } from '../../../src/learning/train-model';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { InferencePool } from '../../../src/services/prediction/pool/inference-pool';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { type Servable } from '../../../src/services/prediction/servable';
import { ingest } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

interface Reasons {
  readonly __typename: string;
  readonly logit: number;
  readonly baselineLogit: number;
  readonly others: number;
  readonly error: number;
  readonly items: ReadonlyArray<{
    readonly kind: string;
    readonly feature: string | null;
    readonly value: string | null;
    readonly contribution: number;
    readonly direction: string;
    readonly text: string;
    readonly event: {
      readonly index: number;
      readonly at: string;
      readonly fields: ReadonlyArray<{ name: string; value: string | null; contribution: number }>;
    } | null;
  }>;
}
interface Intent {
  readonly interval: { readonly lower: number; readonly upper: number; readonly level: number } | null;
  readonly probability: number;
  readonly reasons: Reasons;
}

const REASONS = `__typename
  ... on Reasons { logit baselineLogit others error items {
    kind feature value contribution direction text event { index at fields { name value contribution } } } }
  ... on ReasonsUnavailable { why message }`;

const AT = '2025-03-21T19:40:00Z';
const history = ['2025-03-21T10:00:00Z', '2025-03-21T19:00:00Z', '2025-03-20T20:00:00Z'].map((at, index) => ({
  at,
  kind: ['view', 'cart', 'visit'][index],
}));
const input = { userId: 'u', at: AT, device: 'mobile', source: 'email', history };

let trained: TrainedModel;
let pool: InferencePool;
let test: TestApi;
let owner: ApiTenant;
/** Which files ran, in order. */
const ran: string[] = [];
let explainer: NonNullable<Servable['explainer']> | null;

beforeAll(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'reasons-'));
  const csvPath = path.join(folder, 'events.csv');
  writeFileSync(csvPath, `${[...ecommerce.generate({ seed: 1, scale: 0.02 }).csv()].join('\n')}\n`);
  const spec = ecommerce.featureSpec;
  const prepared = await prepareExamples({ csvPath, spec, workDirectory: folder, seed: 1 });
  trained = await trainModel({
    prepared,
    model: { ...ecommerce.presets.tiny, maxEpochs: 2 },
    device: 'cpu',
    threads: 1,
    checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onProgress: () => undefined,
  });
  await prepared.close();
  rmSync(folder, { recursive: true });
  pool = new InferencePool({
    threads: 1,
    read: ({ sha256 }) =>
      Promise.resolve(new Uint8Array(sha256 === 'artifact' ? trained.artifact : trained.explainer.bytes!)),
  });
  test = await startTestApi({
    prediction: (database) =>
      new PredictionService({
        champions: {
          current: (tenantId) =>
            Promise.resolve({
              version: { id: 'version', number: 4, createdAt: new Date(0) },
              artifact: { tenantId, sha256: 'artifact' },
              explainer,
              rateIntervals: explainer && trained.rateIntervals,
              spec,
              threshold: 0.5,
            }),
        },
        pool: {
          run: (key, inputs) => {
            ran.push(key.sha256);
            return pool.run(key, inputs);
          },
        },
        histories: new SubjectHistories(database),
      }),
  });
});
beforeEach(async () => {
  owner = await test.tenant();
  ran.length = 0;
  explainer = {
    key: { tenantId: owner.id, sha256: 'explainer', maxBatchRows: 2 },
    certificate: trained.explainer.certificate,
  };
});
afterAll(async () => {
  await test.close();
  await pool.close();
});

async function intent(fields: string, changed: object = {}): Promise<Intent> {
  const { purchaseIntent } = await owner.caller.data<{ purchaseIntent: Intent }>(
    `query ($input: PurchaseIntentInput!) { purchaseIntent(input: $input) { ... on PurchaseIntent { ${fields} } } }`,
    { input: { ...input, ...changed } },
  );
  return purchaseIntent;
}

const sumOf = ({ items, others }: Reasons): number =>
  items.reduce((sum, { contribution }) => sum + contribution, others);

describe('the interval of a prediction', () => {
  it('is about the probability, at the level that it names', async () => {
    const { probability, interval } = await intent('probability interval { lower upper level }');
    expect(interval).toMatchObject({ level: 0.9 });
    expect(interval?.lower).toBeLessThanOrEqual(probability);
    expect(interval?.upper).toBeGreaterThanOrEqual(probability);
    expect(interval?.upper).toBeLessThan(1);
  });

  it('is not known of a version that was trained before', async () => {
    explainer = null;
    expect(await intent('interval { level }')).toEqual({ interval: null });
  });
});

describe('the reasons of a prediction', () => {
  it('add up to its distance from the average, and name what the model was told', async () => {
    const { probability, reasons } = await intent(`probability reasons(first: 100) { ${REASONS} }`);
    expect(1 / (1 + Math.exp(-reasons.logit))).toBeCloseTo(probability, 5);
    expect(sumOf(reasons)).toBeCloseTo(reasons.logit - reasons.baselineLogit, 5);
    // All are listed: what is left is what the integral misses.
    expect(reasons.others).toBeCloseTo(reasons.error, 5);
    expect(Math.abs(reasons.error)).toBeLessThan(0.05);

    const features = reasons.items.filter(({ kind }) => kind === 'FEATURE');
    expect(features.map(({ feature }) => feature).sort()).toEqual(
      ecommerce.featureSpec.features.map(({ name }) => name).sort(),
    );
    const device = features.find(({ feature }) => feature === 'device')!;
    expect(device).toMatchObject({ value: 'mobile', event: null });
    expect(device.text).toMatch(/^device is mobile: [+−]\d\.\d\d$/);

    const events = reasons.items
      .flatMap(({ event, contribution }) => (event ? [{ ...event, contribution }] : []))
      .sort((a, b) => a.index - b.index);
    expect(events.map(({ at }) => at)).toEqual([
      '2025-03-20T20:00:00.000Z',
      '2025-03-21T10:00:00.000Z',
      '2025-03-21T19:00:00.000Z',
    ]);
    for (const { fields, contribution } of events)
      expect(fields.reduce((sum, field) => sum + field.contribution, 0)).toBeCloseTo(contribution, 6);
    expect(events[2]?.fields.find(({ name }) => name === 'kind')?.value).toBe('cart');
    const length = reasons.items.find(({ kind }) => kind === 'HISTORY_LENGTH');
    expect(length).toMatchObject({
      value: '3',
      text: expect.stringContaining('3 events in the history') as string,
    });
  });

  it('are the largest first, with the others as one number, as many as each alias wants', async () => {
    const { few, many } = (await intent(
      `few: reasons(first: 2) { ${REASONS} } many: reasons { ${REASONS} }`,
    )) as unknown as { few: Reasons; many: Reasons };
    expect(few.items).toEqual(many.items.slice(0, 2));
    expect(many.items).toHaveLength(5);
    const sizes = many.items.map(({ contribution }) => Math.abs(contribution));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    for (const { contribution, direction } of many.items)
      expect(direction).toBe(contribution > 0 ? 'RAISES' : 'LOWERS');
    expect(sumOf(few)).toBeCloseTo(sumOf(many), 6);
    expect(ran).toEqual(['artifact', 'explainer']);
  });

  it('cost nothing where they are not asked for', async () => {
    await intent('probability history { count }');
    await intent(`probability ... on Prediction @skip(if: true) { reasons { ${REASONS} } }`);
    expect(ran).toEqual(['artifact', 'artifact']);
  });

  it('are of each input, the same alone and in a batch, with neighbours that are refused', async () => {
    const inputs = [
      { ...input, device: 'desktop' },
      { ...input, history: [{ at: '2030-01-01T00:00:00Z', kind: 'view' }] },
      input,
      { ...input, history: [] },
    ];
    const { purchaseIntents } = await owner.caller.data<{ purchaseIntents: Partial<Intent>[] }>(
      `query ($inputs: [PurchaseIntentInput!]!) { purchaseIntents(inputs: $inputs) {
        ... on PurchaseIntent { probability reasons(first: 100) { ${REASONS} } } } }`,
      { inputs },
    );
    const alone = await intent(`probability reasons(first: 100) { ${REASONS} }`);
    expect(purchaseIntents[1]).toEqual({});
    expect(purchaseIntents[2]).toEqual(alone);
    expect(purchaseIntents[0]?.reasons?.items).not.toEqual(alone.reasons.items);
    expect(purchaseIntents[3]?.reasons?.items.filter(({ kind }) => kind === 'EVENT')).toEqual([]);
    expect(purchaseIntents[3]?.reasons?.baselineLogit).toBe(alone.reasons.baselineLogit);
  });

  it('are those of a history that is looked up', async () => {
    const given = await intent(`probability reasons(first: 100) { ${REASONS} }`);
    await ingest(
      owner.caller,
      history.map(({ at, kind }, index) => ({ id: `e${index}`, subjectId: 'u', at, kind: kind! })),
    );
    const { reasons } = await intent(`probability reasons(first: 100) { ${REASONS} }`, { history: null });
    const moments = (of: Reasons) => of.items.flatMap(({ event }) => (event ? [event.at] : [])).sort();
    expect(moments(reasons)).toEqual(moments(given.reasons));
    expect(sumOf(reasons)).toBeCloseTo(reasons.logit - reasons.baselineLogit, 5);
  });

  it('are not there for a version that was trained before, which says so', async () => {
    explainer = null;
    const { probability, reasons } = await intent(`probability reasons { ${REASONS} }`);
    expect(probability).toBeGreaterThan(0);
    expect(reasons).toEqual({
      __typename: 'ReasonsUnavailable',
      why: 'TRAINED_BEFORE',
      message: expect.stringContaining('Version 4 was trained before') as string,
    });
    expect(ran).toEqual(['artifact']);
  });

  it.each([0, -1, 101])('are not %i', async (first) => {
    const { errors } = await owner.caller.send(
      `query ($input: PurchaseIntentInput!) { purchaseIntent(input: $input) {
        ... on PurchaseIntent { probability reasons(first: ${first}) { __typename } } } }`,
      { input },
    );
    expect(errors[0]).toMatchObject({
      message: 'The argument "first" must be 1 to 100.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });
});
