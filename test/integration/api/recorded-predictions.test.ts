import { randomUUID } from 'node:crypto';
import { promoteLinear, rowInput, type ServingApi, startServingApi } from '../../support/api/served-models';
import { KIND } from '../../support/api/table-dataset';
import { type ApiTenant, type TestApi } from '../../support/api/test-api';

let serving: ServingApi;
let test: TestApi;
let owner: ApiTenant;
let firstVersion: string;
beforeAll(async () => {
  serving = await startServingApi();
  ({ test } = serving);
});
beforeEach(async () => {
  owner = await test.tenant();
  firstVersion = await promoteLinear(test, owner, 2);
});
afterAll(() => serving.close());

interface Answer {
  readonly id: string;
  readonly probability: number;
}

async function ask(inputs: readonly object[], fields = 'id probability', from = owner): Promise<Answer[]> {
  const { purchaseIntents } = await from.caller.data<{ purchaseIntents: Answer[] }>(
    `query ($inputs: [PurchaseIntentInput!]!) { purchaseIntents(inputs: $inputs) { ... on Prediction { ${fields} } } }`,
    { inputs },
  );
  return purchaseIntents;
}

const RECORDED = `query ($id: ID!) { prediction(id: $id) {
  id domain subjectId at recordedAt probability logit threshold decision role shadowOf artifactSha256 features events
  history { source count latestAt } modelVersion { id number }
} }`;
const REPLAY = `query ($id: ID!) { replayPrediction(id: $id) {
  identical probability logit prediction { probability logit artifactSha256 modelVersion { id } }
} }`;

const count = async (): Promise<number> => {
  const [row] = await test.database.inTenant(owner.id, (scope) =>
    scope.query<{ count: number }>('SELECT count(*)::int AS count FROM predictions'),
  );
  return row!.count;
};

describe('a prediction that is asked for its id', () => {
  it('is found under it, exactly as it was answered', async () => {
    const at = '2025-03-21T19:40:00.123Z';
    const [answer] = await ask(
      [rowInput(0.1, 'red', { userId: 'u1', at })],
      'id subjectId probability threshold ... on PurchaseIntent { decision } modelVersion { id } history { source count latestAt }',
    );
    const { id, probability, ...rest } = answer!;
    const { prediction } = await owner.caller.data<{ prediction: object }>(RECORDED, { id });
    expect(prediction).toEqual({
      ...rest,
      id,
      probability,
      ...{ domain: KIND, at, role: 'CHAMPION', shadowOf: null, events: null },
      recordedAt: expect.any(String) as string,
      logit: Math.fround(Math.fround(2) * Math.fround(0.1) + 1),
      artifactSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      features: { x: 0.1, color: 'red' },
      modelVersion: { id: firstVersion, number: 1 },
    });
  });

  it('is recorded once, however often the id is selected, and not where it is skipped', async () => {
    const query = (
      condition: boolean,
    ) => `{ purchaseIntent(input: { userId: "u", features: [{ name: "x", number: 1 }] }) { ...A ...B } }
      fragment A on PurchaseIntent { first: id @include(if: ${condition}) }
      fragment B on Prediction { second: id @skip(if: ${!condition}) probability }`;
    const { purchaseIntent: both } = await owner.caller.data<{
      purchaseIntent: { first: string; second: string };
    }>(query(true));
    expect(both.first).toBe(both.second);
    expect(await count()).toBe(1);
    const { purchaseIntent: neither } = await owner.caller.data<{ purchaseIntent: object }>(query(false));
    expect(Object.keys(neither)).toEqual(['probability']);
    expect(await count()).toBe(1);
  });

  it('costs one transaction with all that are asked with it, and nothing where no id is asked for', async () => {
    const inputs = Array.from({ length: 300 }, (_, index) => rowInput(index, 'blue'));
    const before = serving.commits();
    await ask(inputs, 'probability');
    expect(serving.commits()).toBe(before);
    const answers = await ask(inputs);
    expect(serving.commits()).toBe(before + 1);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(300);
    expect(await count()).toBe(300);
  });

  it('is computed again to the last bit, also after another version has taken over', async () => {
    const values = [0.1, -1.7e-8, -0, 123.456, 3e30, Math.PI];
    const answers = await ask(values.map((x) => rowInput(x, 'blue', { userId: 'u' })));
    const secondVersion = await promoteLinear(test, owner, 3);
    const [later] = await ask([rowInput(0.1, 'blue')]);
    expect(later!.probability).not.toBe(answers[0]!.probability);
    for (const { id, probability } of answers) {
      const { replayPrediction } = await owner.caller.data<{
        replayPrediction: { prediction: object; logit: number };
      }>(REPLAY, { id });
      expect(replayPrediction).toMatchObject({
        identical: true,
        probability,
        prediction: { probability, logit: replayPrediction.logit, modelVersion: { id: firstVersion } },
      });
    }
    const { replayPrediction } = await owner.caller.data<{ replayPrediction: object }>(REPLAY, {
      id: later!.id,
    });
    expect(replayPrediction).toMatchObject({
      identical: true,
      prediction: { modelVersion: { id: secondVersion } },
    });
  });

  it('does not exist for another tenant, as an id that never was', async () => {
    const [answer] = await ask([rowInput(1, 'red')]);
    const stranger = await test.tenant();
    for (const query of [RECORDED, REPLAY]) {
      const [theirs, nobodys] = await Promise.all(
        [answer!.id, randomUUID()].map((id) => stranger.caller.send(query, { id })),
      );
      const hide = (text: string) => text.replace(/"[^"]*"/, '""');
      expect(theirs!.errors).toHaveLength(1);
      expect(theirs!.errors[0]!.extensions['code']).toBe('NOT_FOUND');
      expect(hide(theirs!.errors[0]!.message)).toBe(hide(nobodys!.errors[0]!.message));
    }
    expect(await stranger.caller.code(RECORDED, { id: 'nonsense' })).toBe('BAD_USER_INPUT');
  });
});

describe('the list of predictions', () => {
  const PAGE = `query ($filter: PredictionFilter!, $first: Int!, $after: String) {
    predictions(filter: $filter, first: $first, after: $after) { nodes { id subjectId at } pageInfo { hasNextPage endCursor } }
  }`;
  interface Listed {
    readonly predictions: {
      readonly nodes: readonly { readonly id: string; readonly subjectId: string; readonly at: string }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
    };
  }
  const all = async (filter: object): Promise<string[]> => {
    const ids: string[] = [];
    for (let after: string | null = null; ;) {
      const { predictions }: Listed = await owner.caller.data<Listed>(PAGE, {
        filter: { domain: KIND, ...filter },
        first: 3,
        after,
      });
      ids.push(...predictions.nodes.map(({ id }) => id));
      if (!predictions.pageInfo.hasNextPage) return ids;
      after = predictions.pageInfo.endCursor;
    }
  };

  it('has them by subject with the latest moment first, and by version with the latest answer first', async () => {
    const at = (day: number) => `2025-03-${String(day).padStart(2, '0')}T00:00:00Z`;
    const long = 'x'.repeat(500);
    const asked: string[] = [];
    for (const day of [5, 1, 9, 3, 7, 2, 8]) {
      const [mine] = await ask([rowInput(1, 'red', { userId: 'u1', at: at(day) })]);
      asked[day] = mine!.id;
    }
    const [other] = await ask([rowInput(1, 'red', { userId: long, at: at(1) })]);
    const ofSubject = await all({ subjectId: 'u1' });
    expect(ofSubject).toEqual([9, 8, 7, 5, 3, 2, 1].map((day) => asked[day]));
    expect(await all({ subjectId: long })).toEqual([other!.id]);
    expect(await all({ subjectId: 'nobody' })).toEqual([]);
    expect(await all({ modelVersionId: firstVersion })).toEqual([...ofSubject, other!.id].sort().reverse());
    expect(await all({ until: '2020-01-01T00:00:00Z' })).toEqual([]);
    await promoteLinear(test, owner, 3);
    const [later] = await ask([rowInput(1, 'red', { userId: 'u1', at: at(4) })]);
    expect(await all({ modelVersionId: firstVersion })).not.toContain(later!.id);
    expect(await all({ subjectId: 'u1' })).toContain(later!.id);
    expect(await owner.caller.code(PAGE, { filter: { domain: KIND }, first: 3, after: 'bm9ib2R5' })).toBe(
      'BAD_USER_INPUT',
    );
    const stranger = await test.tenant();
    const { predictions } = await stranger.caller.data<Listed>(PAGE, { filter: { domain: KIND }, first: 3 });
    expect(predictions.nodes).toEqual([]);
  });
});
