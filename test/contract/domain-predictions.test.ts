import { graphql, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { discoverDomains } from '../../src/app/discover-domains';
import { buildGraphqlSchema } from '../../src/graphql/build-schema';
import { AppError } from '../../src/errors';
import { type FeatureSpec } from '../../src/learning/features/feature-spec';
import { type ExampleRecord, rawFromRecords } from '../../src/learning/features/raw-from-records';
import { PredictionService } from '../../src/services/prediction/prediction.service';
import { type Question, type Readable } from '../../src/services/prediction/question';

const domains = discoverDomains();

const version = { id: 'version', number: 7, createdAt: new Date('2025-01-02T03:04:05Z') };
const context = {
  requestId: 'request',
  actor: { id: 'key', role: 'SERVICE', tenantId: '0d3f8a44-6a3e-4d7b-9c55-0a1b2c3d4e5f' },
};

/** The single and the batch query of each domain. */
const QUERIES: Readonly<Record<string, readonly [single: string, batch: string]>> = {
  ECOMMERCE_PURCHASE: ['purchaseIntent', 'purchaseIntents'],
  FINANCIAL_RISK: ['creditRisk', 'creditRisks'],
  SOCIAL_AD_CTR: ['adClick', 'adClicks'],
};

describe.each(domains)('the predictions of $kind', (domain) => {
  const [single = '', batch = ''] = QUERIES[domain.kind] ?? [];
  const predictEach = jest.fn<Promise<unknown>, [unknown, string, Question<Readable>]>();
  /** What the service says of every place that has a record. */
  const answer = (
    { subjectIds, read }: Question<Readable>,
    item: (record: ExampleRecord) => object,
    spec: FeatureSpec = domain.featureSpec,
  ) =>
    Promise.resolve(
      read(spec, [...subjectIds.keys()]).map((each) => ({
        read: each,
        item: each.record ? item(each.record) : null,
        modelVersion: version,
        servedBy: 'CHAMPION',
        threshold: 0.75,
      })),
    );
  const service = Object.assign(Object.create(PredictionService.prototype) as PredictionService, {
    predictEach,
  });
  let schema: GraphQLSchema;
  let answerType: GraphQLObjectType;
  let inputType: string;

  beforeAll(() => {
    schema = buildGraphqlSchema([domain], {
      get: <T>(token: new (...parameters: never[]) => T): T =>
        new (token as unknown as new (predictions: PredictionService) => T)(service),
    });
    const field = schema.getQueryType()?.getFields()[single];
    answerType = (
      field?.type as unknown as { ofType: { getTypes(): GraphQLObjectType[] } }
    ).ofType.getTypes()[0]!;
    inputType = String(field?.args[0]?.type);
  });

  beforeEach(() => {
    predictEach.mockReset().mockImplementation((_ctx, _kind, question) => {
      const score = (record: ExampleRecord) => {
        try {
          rawFromRecords(domain.featureSpec, [record]);
          return { probability: 0.75, logit: 1 };
        } catch (error) {
          const { issues } = error as AppError;
          return { issues: issues.map((issue) => ({ ...issue, path: issue.path.replace(/^0\./, '') })) };
        }
      };
      return answer(question, score);
    });
  });

  const fields = () => `__typename
    ... on ${answerType.name} { subjectId probability decision threshold modelVersion { id number createdAt } }
    ... on InvalidFeatures { code issues { path message } }
    ... on ModelNotReady { code message }`;
  const askOne = async (input: object) =>
    graphql({
      schema,
      source: `query ($input: ${inputType}) { result: ${single}(input: $input) { ${fields()} } }`,
      variableValues: { input },
      contextValue: context,
    });
  const askMany = async (inputs: readonly object[]) =>
    graphql({
      schema,
      source: `query ($inputs: [${inputType}]!) { results: ${batch}(inputs: $inputs) { ${fields()} } }`,
      variableValues: { inputs },
      contextValue: context,
    });
  const demo = () => domain.generate({ seed: 1, scale: 0.001 }).demo;

  it('take the demo input and fill every feature of the default specification', async () => {
    const { data, errors } = await askOne(demo());
    expect(errors).toBeUndefined();
    expect(data?.result).toEqual({
      __typename: answerType.name,
      subjectId: expect.any(String) as string,
      probability: 0.75,
      decision: expect.any(String) as string,
      threshold: 0.75,
      modelVersion: { id: 'version', number: 7, createdAt: '2025-01-02T03:04:05.000Z' },
    });
    const [, kind, { read }] = predictEach.mock.calls[0]!;
    expect(kind).toBe(domain.kind);
    const raw = rawFromRecords(
      domain.featureSpec,
      read(domain.featureSpec, [0]).map(({ record }) => record!),
    );
    for (const [name, [value]] of Object.entries(raw.numeric))
      expect({ name, value }).not.toEqual({ name, value: NaN });
    for (const [name, [value]] of Object.entries(raw.categorical))
      expect({ name, value }).not.toEqual({ name, value: '' });
    expect(raw.sequence?.lengths[0]).toBe((demo().history as unknown[]).length);
    for (const values of Object.values(raw.sequence?.numeric ?? {}))
      expect(values.some((value) => !Number.isNaN(value))).toBe(true);
    for (const values of Object.values(raw.sequence?.categorical ?? {}))
      expect(values.some((value) => value !== '')).toBe(true);
  });

  it('answer the demo query', async () => {
    const { data, errors } = await graphql({
      schema,
      source: domain.demoQuery,
      variableValues: { input: demo() },
      contextValue: context,
    });
    expect(errors).toBeUndefined();
    expect(data?.[single]).toMatchObject({ probability: 0.75 });
  });

  it('decide one way at the threshold and the other below it', async () => {
    const decisions = new Set<unknown>();
    for (const probability of [0.75, 0.7499]) {
      predictEach.mockImplementationOnce((_ctx, _kind, question) =>
        answer(question, () => ({ probability, logit: 0 })),
      );
      const { data } = await askOne({});
      decisions.add((data?.result as { decision: unknown }).decision);
    }
    expect(decisions.size).toBe(2);
  });

  it('answer a batch in order, with what is wrong with an input in its place', async () => {
    const wrong = { ...demo(), features: [{ name: 'shoeSize', number: 44 }] };
    const late = { ...demo(), history: [{ at: '2099-01-01T00:00:00Z' }] };
    const twice = { ...demo(), features: [{ name: 'x', number: 1, text: 'a' }] };
    const { data, errors } = await askMany([demo(), wrong, late, demo(), twice]);
    expect(errors).toBeUndefined();
    const results = data?.results as { __typename: string; code?: string; issues?: { path: string }[] }[];
    expect(results.map(({ __typename }) => __typename)).toEqual([
      answerType.name,
      'InvalidFeatures',
      'InvalidFeatures',
      answerType.name,
      'InvalidFeatures',
    ]);
    expect(results[1]).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: '1.features.shoeSize' }] });
    expect(results[2]?.issues).toMatchObject([{ path: '2.history.0.at' }]);
    expect(results[4]?.issues).toMatchObject([{ path: '4.features.x' }]);
  });

  it('pass over the fields of the domain that the model did not learn from', async () => {
    const bare = { ...domain.featureSpec, features: [], sequence: undefined };
    predictEach.mockImplementationOnce((_ctx, _kind, question) =>
      answer(
        question,
        (record) => {
          expect(Object.keys(record.features)).toEqual(['own']);
          expect(record.history?.every(({ values }) => Object.keys(values).length === 0)).toBe(true);
          return { probability: 0.5, logit: 0 };
        },
        bare,
      ),
    );
    const { errors } = await askOne({ ...demo(), features: [{ name: 'own', text: 'a' }] });
    expect(errors).toBeUndefined();
  });

  it('say that no model is ready', async () => {
    const notReady = new AppError('MODEL_NOT_READY', 'train one');
    predictEach.mockRejectedValue(notReady);
    expect((await askOne(demo())).data?.result).toEqual({
      __typename: 'ModelNotReady',
      code: 'MODEL_NOT_READY',
      message: 'train one',
    });
    expect((await askMany([demo(), demo()])).data?.results).toHaveLength(2);
  });

  it('refuse more than a thousand inputs', async () => {
    const { errors } = await askMany(Array.from({ length: 1_001 }, () => ({})));
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(predictEach).not.toHaveBeenCalled();
  });
});

describe('a field of the input', () => {
  it('is named in an issue as it stands in the input', async () => {
    const domain = domains.find(({ kind }) => kind === 'SOCIAL_AD_CTR')!;
    const Resolver = domain.resolvers[0] as unknown as new (service: unknown) => {
      adClicks(ctx: unknown, inputs: unknown[]): Promise<{ issues: { path: string }[] }[]>;
    };
    const refusing = {
      predictEach: (_ctx: unknown, _kind: string, { read }: Question<Readable>) =>
        Promise.resolve(
          read(domain.featureSpec, [0]).map((each) => ({
            read: each,
            item: {
              issues: [
                'features.category',
                'features.device',
                'history.0.values.kind',
                'history.0.values.own',
                'at',
              ].map((where) => ({ path: where, message: 'is wrong' })),
            },
          })),
        ),
    };
    const [result] = await new Resolver(refusing).adClicks(context, [
      {
        ad: { category: 'a' },
        device: 'b',
        history: [{ at: new Date(), kind: 'c', values: [{ name: 'own', text: 'd' }] }],
      },
    ]);
    expect(result?.issues.map((issue) => issue.path)).toEqual([
      '0.ad.category',
      '0.device',
      '0.history.0.kind',
      '0.history.0.values.own',
      '0.at',
    ]);
  });
});
