import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { trainDomains, type TrainedDomains } from '../support/api/trained-domains';
import { ASKED, CASES, OTHERS } from '../support/bad-predictions';

interface Answer {
  readonly __typename: string;
  readonly probability?: number;
  readonly issues?: ReadonlyArray<{ readonly path: string; readonly message: string }>;
}

let trained: TrainedDomains;
let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  trained = await trainDomains();
  test = await startTestApi({ prediction: trained.prediction });
  owner = await test.tenant();
}, 120_000);
afterAll(async () => {
  await test.close();
  await trained.close();
});

describe.each(ASKED)('$single and $plural', ({ single, plural, input, answer, good }) => {
  const fields = `__typename ${answer} ... on InvalidFeatures { issues { path message } }`;
  const one = async (given: object): Promise<Answer> =>
    (
      await owner.caller.data<{ answer: Answer }>(
        `query ($input: ${input}!) { answer: ${single}(input: $input) { ${fields} } }`,
        { input: given },
      )
    ).answer;
  const many = async (given: readonly object[]): Promise<Answer[]> =>
    (
      await owner.caller.data<{ answers: Answer[] }>(
        `query ($inputs: [${input}!]!) { answers: ${plural}(inputs: $inputs) { ${fields} } }`,
        { inputs: given },
      )
    ).answers;

  it.each(CASES)('%s', async (_what, change, expected) => {
    const { probability } = await one(good);
    const bad = { ...good, ...change(good) };
    const other = { ...good, history: good.history.slice(1) };
    // All at once, so that they meet in one batch.
    const [alone, among, neighbour, theirs] = await Promise.all([
      one(bad),
      many([good, bad, other]),
      one(good),
      one(other),
    ]);
    expect(neighbour).toMatchObject({ probability });
    expect(among[0]).toMatchObject({ probability });
    expect(among[2]).toMatchObject({ probability: theirs.probability });
    if (expected === 'SAME') expect([alone, among[1]]).toEqual([neighbour, neighbour]);
    else if (expected === 'ANSWERED') {
      expect(alone.probability).toBeGreaterThan(0);
      expect(alone.probability).toBeLessThan(1);
      expect(among[1]).toEqual(alone);
    } else {
      expect(alone.__typename).toBe('InvalidFeatures');
      expect(alone.issues?.map(({ path }) => path)).toContain(expected.path);
      expect(alone.issues?.find(({ path }) => path === expected.path)?.message).toMatch(expected.says);
      expect(among[1]?.issues?.map(({ path }) => path)).toContain(`1.${expected.path}`);
    }
  });
});

const PREDICTIONS = ASKED.filter(({ single }) => single !== 'creditReport');

describe.each(PREDICTIONS)(
  '$single and $plural, again and again',
  ({ single, plural, input, answer, good }) => {
    it('answer alike, however the request is read', async () => {
      const fields = `__typename ${answer} ... on Prediction {
        subjectId probability threshold interval { lower upper } history { source count latestAt }
        reasons { ... on ReasonsUnavailable { why } ... on Reasons { logit items { text } } }
      } ... on InvalidFeatures { issues { path message } }`;
      const ask = (name: string, inputs: readonly object[]) =>
        owner.caller.data<Record<string, unknown>>(
          `query ${name}($input: ${input}!, $inputs: [${input}!]!) {
          one: ${single}(input: $input) { ${fields} } many: ${plural}(inputs: $inputs) { ${fields} } }`,
          { input: inputs[0], inputs },
        );
      const unsorted = { ...good, history: [...good.history].reverse() };
      const late = { ...good, history: [{ at: '2099-01-01T00:00:00Z' }] };
      const told: object[] = [];
      // Executed as it came, compiled, and read from its bytes.
      for (let time = 0; time < 3; time++)
        told.push([
          await ask('Right', [unsorted, good, { ...good, history: [] }]),
          await ask('Wrong', [late, good]),
        ]);
      expect(told[1]).toEqual(told[0]);
      expect(told[2]).toEqual(told[0]);
    });
  },
);

describe('a decision', () => {
  const ask = (field: string, input: object) => {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    return owner.caller.send<{ answer: Answer }>(
      `query ($input: ${type}!) { answer: ${field}(input: $input) { ${fieldsOf(field)} } }`,
      { input },
    );
  };
  const fieldsOf = (field: string): string => {
    const union = ['recommendItems', 'rankAds', 'campaignPlan'].includes(field)
      ? 'InvalidFeatures'
      : 'InvalidInput';
    return `__typename ... on ${union} { issues { path message } }`;
  };

  it.each(OTHERS)('%s: %s', async (field, _what, input, paths) => {
    const { data, errors } = await ask(field, input);
    expect(errors).toEqual([]);
    const { __typename, issues = [] } = data!.answer;
    expect({ __typename, paths: issues.map(({ path }) => path) }).toEqual({
      __typename:
        paths.length === 0
          ? (expect.not.stringMatching(/Invalid/) as string)
          : (expect.stringMatching(/Invalid/) as string),
      paths: [...paths],
    });
  });

  it('of a policy whose bands overlap, or leave a gap, is not drafted: the band is named', async () => {
    const bands = (second: number) => [
      { name: 'good', from: 0, below: 0.2, decision: 'APPROVE' },
      { name: 'poor', from: second, below: 1, decision: 'DECLINE' },
    ];
    for (const second of [0.1, 0.3]) {
      const { data } = await owner.caller.send<{ answer: Answer }>(
        `mutation ($input: DraftRiskPolicyInput!) { answer: draftRiskPolicy(input: $input) {
          __typename ... on InvalidPolicy { issues { path message } } } }`,
        { input: { policy: { bands: bands(second) } } },
      );
      expect(data?.answer.issues?.map(({ path }) => path)).toEqual(['policy.bands.1.from']);
    }
  });

  it('that never was has no outcome, whatever else is in the batch', async () => {
    const at = new Date().toISOString();
    const outcomes = [
      { predictionId: '0193a1b2-0000-7000-8000-000000000000', label: true, at },
      { predictionId: 'none', label: true, at },
      { label: true, at },
      { subjectId: 'u', predictedFor: '1970-01-01T00:00:00Z', label: false, at },
    ];
    const { recordOutcomes } = await owner.caller.data<{ recordOutcomes: object }>(
      `mutation ($input: RecordOutcomesInput!) { recordOutcomes(input: $input) { ... on RecordOutcomesSuccess {
        recorded unknown refused outcomes { state issues { path } } } } }`,
      { input: { domain: 'ECOMMERCE_PURCHASE', outcomes } },
    );
    const unknown = (path: string) => ({ state: 'UNKNOWN_PREDICTION', issues: [{ path }] });
    expect(recordOutcomes).toMatchObject({
      ...{ recorded: 0, unknown: 2, refused: 2 },
      outcomes: [
        unknown('outcomes.0.predictionId'),
        { state: 'REFUSED', issues: [{ path: 'outcomes.1.predictionId' }] },
        { state: 'REFUSED' },
        unknown('outcomes.3.subjectId'),
      ],
    });
  });
});

describe.each(ASKED)('on its way to $single', ({ single, input, good }) => {
  const query = `query ($input: ${input}!) { ${single}(input: $input) { __typename ... on InvalidFeatures { issues { path } } } }`;
  /** As a client that writes its own JSON sends it. */
  const send = async (variables: string) => {
    const response = await owner.caller.http('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"query":${JSON.stringify(query)},"variables":{"input":${variables}}}`,
    });
    const body = (await response.json()) as {
      data?: Record<string, Answer | undefined> | null;
      errors?: { message: string; extensions: { code: string } }[];
    };
    return { status: response.status, ...body };
  };
  const withNumber = (text: string) =>
    JSON.stringify({ ...good, features: [{ name: 'x', number: 12345 }] }).replace('12345', text);

  it.each([
    ['NaN', /JSON/i],
    ['1e999', /features\[0\]\.number|finite|non numeric/i],
    ['"NaN"', /input\.features\[0\]\.number/],
    ['"-5"', /input\.features\[0\]\.number/],
  ])('a number that is %s is refused', async (text, says) => {
    const { status, errors } = await send(withNumber(text));
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors?.[0]?.message).toMatch(says);
  });

  it('a history of 100,000 events is refused with what fits', async () => {
    const events = Array.from({ length: 100_000 }, () => '{"at":"2023-01-01T00:00:00Z","kind":"visit"}').join(
      ',',
    );
    const { status, data, errors } = await send(
      JSON.stringify({ ...good, history: [] }).replace('"history":[]', `"history":[${events}]`),
    );
    expect({ status, data }).toEqual({ status: 413, data: undefined });
    expect(errors?.[0]?.extensions.code).toBe('PAYLOAD_TOO_LARGE');
    expect(errors?.[0]?.message).toMatch(/the 4194304 bytes .* shorter histories/);
  });
});
