import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { logPrediction } from '../../support/api/log-prediction';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';
import { trainedModel } from '../../support/api/trained-model';

let test: TestApi;
let owner: ApiTenant;
let modelVersionId: string;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
  modelVersionId = (await trainedModel(test, owner)).id;
});
afterAll(() => test.close());

const RECORD = `mutation ($input: RecordOutcomesInput!) { recordOutcomes(input: $input) {
  __typename
  ... on RecordOutcomesSuccess {
    recorded replaced duplicates outdated unknown refused
    outcomes { state predictionIds issues { path message } }
  }
  ... on InvalidInput { code issues { path } }
} }`;

interface Recorded {
  readonly __typename: string;
  readonly recorded: number;
  readonly replaced: number;
  readonly duplicates: number;
  readonly outdated: number;
  readonly unknown: number;
  readonly refused: number;
  readonly outcomes: ReadonlyArray<{
    readonly state: string;
    readonly predictionIds: readonly string[];
    readonly issues: ReadonlyArray<{ readonly path: string; readonly message: string }>;
  }>;
}

async function record(outcomes: readonly object[], { caller } = owner): Promise<Recorded> {
  const { recordOutcomes } = await caller.data<{ recordOutcomes: Recorded }>(RECORD, {
    input: { domain: KIND, outcomes },
  });
  return recordOutcomes;
}
const at = (day: number) => `2025-03-${String(day).padStart(2, '0')}T00:00:00.000Z`;
const log = (scored: object = {}): Promise<string> =>
  logPrediction(test, owner, { modelVersionId, ...scored });
const outcomeOf = async (id: string): Promise<unknown> =>
  (
    await owner.caller.data<{ prediction: { outcome: unknown } }>(
      'query ($id: ID!) { prediction(id: $id) { outcome { label at value } } }',
      { id },
    )
  ).prediction.outcome;

describe('recordOutcomes', () => {
  it('is of the prediction with an id, or of all of a subject for a moment', async () => {
    const [one, two, three] = [
      await log(),
      await log({ subjectId: 'u1', at: new Date(at(5)) }),
      await log({ subjectId: 'u1', at: new Date(at(5)) }),
    ];
    const shadow = await log({ subjectId: 'u1', at: new Date(at(5)), role: 'CHALLENGER', shadowOf: two });
    const { outcomes, ...counts } = await record([
      { predictionId: one, label: true, at: at(2), value: 12.5 },
      { subjectId: 'u1', predictedFor: at(5), label: false, at: at(6) },
    ]);
    expect(counts).toMatchObject({ recorded: 2, unknown: 0, refused: 0 });
    expect(outcomes[0]!.predictionIds).toEqual([one]);
    expect(outcomes[1]!.predictionIds).toEqual([two, three].sort());
    expect(await outcomeOf(one)).toEqual({ label: true, at: at(2), value: 12.5 });
    // What was not shown has the outcome of what was.
    for (const id of [two, three, shadow])
      expect(await outcomeOf(id)).toEqual({ label: false, at: at(6), value: null });
  });

  it('judges each by itself, with the path of what is wrong, and answers for all of them', async () => {
    const id = await log({ at: new Date(at(10)) });
    const shadow = await log({ shadowOf: id, role: 'CHALLENGER' });
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const answer = await record([
      { predictionId: randomUUID(), label: true, at: at(11) },
      { predictionId: 'nonsense', label: true, at: at(11) },
      { subjectId: 'nobody', predictedFor: at(1), label: true, at: at(11) },
      { subjectId: 'nobody', label: true, at: at(11) },
      { label: true, at: at(11) },
      { predictionId: id, subjectId: 'u', predictedFor: at(1), label: true, at: at(11) },
      { predictionId: id, label: true, at: at(9) },
      { predictionId: id, label: true, at: future },
      { predictionId: shadow, label: true, at: at(11) },
      { predictionId: id, label: true, at: at(11) },
    ]);
    expect(answer.outcomes.map(({ state, issues }) => [state, issues.map(({ path }) => path)])).toEqual([
      ['UNKNOWN_PREDICTION', ['outcomes.0.predictionId']],
      ['REFUSED', ['outcomes.1.predictionId']],
      ['UNKNOWN_PREDICTION', ['outcomes.2.subjectId']],
      ['REFUSED', ['outcomes.3.predictedFor']],
      ['REFUSED', ['outcomes.4.predictionId']],
      ['REFUSED', ['outcomes.5.predictionId']],
      ['REFUSED', ['outcomes.6.at']],
      ['REFUSED', ['outcomes.7.at']],
      ['UNKNOWN_PREDICTION', ['outcomes.8.predictionId']],
      ['RECORDED', []],
    ]);
    const { recorded, replaced, duplicates, outdated, unknown, refused } = answer;
    expect({ recorded, unknown, refused }).toEqual({ recorded: 1, unknown: 3, refused: 6 });
    expect(recorded + replaced + duplicates + outdated + unknown + refused).toBe(10);
  });

  it('answers another tenant’s prediction as one that never was', async () => {
    const id = await log();
    const stranger = await test.tenant();
    const [theirs, nobodys] = (
      await record(
        [
          { predictionId: id, label: true, at: at(2) },
          { predictionId: randomUUID(), label: true, at: at(2) },
        ],
        stranger,
      )
    ).outcomes;
    expect(theirs!.state).toBe('UNKNOWN_PREDICTION');
    expect(theirs!.issues[0]!.message).toBe(nobodys!.issues[0]!.message);
    expect(await outcomeOf(id)).toBeNull();
  });

  it('takes late and repeated outcomes: the latest counts', async () => {
    const id = await log();
    const tell = async (label: boolean, day: number, value?: number) =>
      (await record([{ predictionId: id, label, at: at(day), value }])).outcomes[0]!.state;
    expect(await tell(false, 5)).toBe('RECORDED');
    expect(await tell(false, 5)).toBe('DUPLICATE');
    expect(await tell(true, 3)).toBe('OUTDATED');
    expect(await tell(true, 7, 9)).toBe('REPLACED');
    expect(await tell(false, 5)).toBe('OUTDATED');
    expect(await outcomeOf(id)).toEqual({ label: true, at: at(7), value: 9 });
  });

  it('refuses a batch of more than 1,000', async () => {
    const outcome = { predictionId: randomUUID(), label: true, at: at(2) };
    expect(await record(Array.from({ length: 1_001 }, () => outcome))).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'outcomes' }],
    });
  });

  it('leaves the same, whatever the order, the batches and the repetitions', async () => {
    const told = fc.record({
      prediction: fc.nat(2),
      label: fc.boolean(),
      day: fc.integer({ min: 2, max: 4 }),
      value: fc.option(fc.constantFrom(-1, 0, 2.5)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(told, { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.nat(1_000)),
        async (outcomes, lots) => {
          const left: unknown[] = [];
          for (const isShuffled of [false, true]) {
            const ids = [await log(), await log(), await log()];
            const sent = outcomes.map(({ prediction, label, day, value }) => ({
              ...{ predictionId: ids[prediction], label, at: at(day), value },
            }));
            if (isShuffled) {
              const shuffled = [...sent, ...sent]
                .map((outcome) => ({ outcome, lot: Number(lots.next().value) }))
                .sort((a, b) => a.lot - b.lot)
                .map(({ outcome }) => outcome);
              const cut = Number(lots.next().value) % shuffled.length;
              await record(shuffled.slice(0, cut));
              await record(shuffled.slice(cut));
            } else await record(sent);
            left.push(await Promise.all(ids.map(outcomeOf)));
          }
          expect(left[1]).toEqual(left[0]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('loses none to batches that come at the same moment', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => log()));
    const batch = (day: number) =>
      ids.map((predictionId) => ({ predictionId, label: day % 2 === 0, at: at(day) }));
    await Promise.all([2, 3, 4, 5, 6].map((day) => record(day % 2 ? batch(day) : batch(day).reverse())));
    for (const id of ids) expect(await outcomeOf(id)).toMatchObject({ label: true, at: at(6) });
  });
});
