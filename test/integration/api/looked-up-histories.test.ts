import { discoverDomains } from '../../../src/app/discover-domains';
import { type ArtifactTensor } from '../../../src/learning/export/artifact-inputs';
import { type FeatureSpec, featureSpecSchema } from '../../../src/learning/features/feature-spec';
import { type Database } from '../../../src/platform/persistence/database';
import { PredictionLog } from '../../../src/services/prediction/log/prediction-log';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { ingest, type SentEvent } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

type Inputs = Readonly<Record<string, ArtifactTensor>>;

const domains = discoverDomains();
const specOf = (kind: string): FeatureSpec => {
  const domain = domains.find((each) => each.kind === kind);
  if (!domain) throw new Error(`there is no domain ${kind}`);
  return domain.featureSpec;
};
const ECOMMERCE = specOf('ECOMMERCE_PURCHASE');
const MAX_LENGTH = ECOMMERCE.sequence?.maxLength ?? 0;

/** What the model was given last; it answers a half. */
let seen: Inputs = {};
/** Specifications that were trained with, where it is not the domain's. */
let trained: FeatureSpec | null = null;

/** Transactions of lookups, and of nothing else that a request does. */
let lookups = 0;

/** A model that says nothing and remembers everything. */
function prediction(database: Database): PredictionService {
  return new PredictionService({
    champions: {
      current: (tenantId, kind) =>
        Promise.resolve({
          version: { id: 'version', number: 1, createdAt: new Date(0) },
          artifact: { tenantId, sha256: 'artifact' },
          spec: trained ?? specOf(kind),
          threshold: 0.5,
        }),
    },
    pool: {
      run: (_artifact, inputs) => {
        seen = inputs;
        const count = Object.values(inputs)[0]?.dims[0] ?? 0;
        return Promise.resolve({
          probability: new Float32Array(count).fill(0.5),
          logit: new Float32Array(count),
        });
      },
    },
    histories: new SubjectHistories({
      inTenant: (tenantId, work) => {
        lookups += 1;
        return database.inTenant(tenantId, work);
      },
    }),
    log: new PredictionLog(database),
  });
}

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ prediction });
});
beforeEach(async () => {
  owner = await test.tenant();
  trained = null;
});
afterAll(() => test.close());

interface Answer {
  readonly history?: { readonly source: string; readonly count: number; readonly latestAt: string | null };
  readonly issues?: ReadonlyArray<{ readonly path: string }>;
}
const FIELDS = `... on Prediction { history { source count latestAt } } ... on InvalidFeatures { issues { path } }`;

async function intentsOf(inputs: readonly object[], { caller } = owner): Promise<readonly Answer[]> {
  const { purchaseIntents } = await caller.data<{ purchaseIntents: Answer[] }>(
    `query ($inputs: [PurchaseIntentInput!]!) { purchaseIntents(inputs: $inputs) { ${FIELDS} } }`,
    { inputs },
  );
  return purchaseIntents;
}
async function intentOf(input: object, from = owner): Promise<Answer> {
  const [answer] = await intentsOf([input], from);
  return answer!;
}

const START = Date.UTC(2025, 2, 1);
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();
const view = (id: string, minute: number, brand = id, subjectId = 'u1'): SentEvent => ({
  id,
  subjectId,
  at: at(minute),
  kind: 'view',
  values: [{ name: 'brand', text: brand }],
});
/** The brands of one example's history, as the model saw them. */
const brands = (example = 0): readonly unknown[] => {
  const length = Number(seen['s_length']?.data[example]);
  return [...(seen['s_brand']?.data ?? [])].slice(example * MAX_LENGTH, example * MAX_LENGTH + length);
};

describe('a history that is not given', () => {
  it('holds every event from its acknowledgement on', async () => {
    for (let i = 0; i < 30; i++) {
      await ingest(owner.caller, [view(`e${i}`, i)]);
      const { history } = await intentOf({ userId: 'u1', at: at(i + 1) });
      expect(history).toEqual({ source: 'LOOKED_UP', count: Math.min(i + 1, MAX_LENGTH), latestAt: at(i) });
      expect(brands().at(-1)).toBe(`e${i}`);
    }
    // The latest that fit, oldest first.
    expect(brands()).toEqual(Array.from({ length: MAX_LENGTH }, (_, i) => `e${i + 30 - MAX_LENGTH}`));
    expect((await intentOf({ userId: 'u1' })).history?.latestAt).toBe(at(29));
  });

  it('lies strictly before the moment, and keeps the order of acceptance at one moment', async () => {
    await ingest(owner.caller, [view('d', 3), view('c', 2), view('a', 1)]);
    await ingest(owner.caller, [view('b', 1), view('e', 3)]);
    expect((await intentOf({ userId: 'u1', at: at(3) })).history).toEqual({
      source: 'LOOKED_UP',
      count: 3,
      latestAt: at(2),
    });
    expect(brands()).toEqual(['a', 'b', 'c']);
    await intentOf({ userId: 'u1', at: new Date(START + 3 * 60_000 + 1).toISOString() });
    expect(brands()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect((await intentOf({ userId: 'u1', at: at(1) })).history).toMatchObject({ count: 0, latestAt: null });
  });

  it('is not looked up where one is given, be it empty, or where nobody is named', async () => {
    await ingest(owner.caller, [view('a', 1)]);
    const given = [
      { at: at(0), kind: 'view' },
      { at: at(2), kind: 'cart' },
    ];
    const answers = await intentsOf([
      { userId: 'u1', history: given },
      { userId: 'u1', history: [] },
      {},
      { userId: 'nobody' },
      { userId: 'a\0b' },
      { userId: 'u1', history: null },
    ]);
    expect(answers.map(({ history }) => history)).toEqual([
      { source: 'GIVEN', count: 2, latestAt: at(2) },
      { source: 'GIVEN', count: 0, latestAt: null },
      { source: 'NONE', count: 0, latestAt: null },
      { source: 'LOOKED_UP', count: 0, latestAt: null },
      { source: 'LOOKED_UP', count: 0, latestAt: null },
      { source: 'LOOKED_UP', count: 1, latestAt: at(1) },
    ]);
  });

  it("is of the tenant's own subject, and of the domain asked", async () => {
    const other = await test.tenant();
    await ingest(owner.caller, [view('a', 1, 'mine')]);
    await ingest(other.caller, [view('a', 1, 'theirs'), view('b', 2, 'theirs')]);
    expect((await intentOf({ userId: 'u1' }, other)).history?.count).toBe(2);
    expect(brands()).toEqual(['theirs', 'theirs']);
    expect((await intentOf({ userId: 'u1' })).history?.count).toBe(1);
    expect(brands()).toEqual(['mine']);
    const { adClick } = await owner.caller.data<{ adClick: Answer }>(
      `{ adClick(input: { userId: "u1" }) { ${FIELDS} } }`,
    );
    expect(adClick.history).toMatchObject({ source: 'LOOKED_UP', count: 0 });
  });

  it('is looked up for a batch at once, and what is wrong with one input keeps nobody else from an answer', async () => {
    const subjects = Array.from({ length: 100 }, (_, i) => `s${i}`);
    const events = subjects.flatMap((subject, i) =>
      Array.from({ length: i % 10 }, (_, j) => view(`${subject}-${j}`, j, subject, subject)),
    );
    await ingest(owner.caller, events);
    lookups = 0;
    const inputs = subjects.map((userId) => ({ userId, at: at(100) }));
    const wrong = { userId: 's9', features: [{ name: 'shoeSize', number: 44 }] };
    const unknown = { userId: 's9', at: '2300-01-01T00:00:00Z' };
    const answers = await intentsOf([wrong, ...inputs, unknown]);
    expect(lookups).toBe(1);
    expect(answers[0]?.issues).toMatchObject([{ path: '0.features.shoeSize' }]);
    expect(answers.at(-1)?.issues).toMatchObject([{ path: '101.at' }]);
    expect(answers.slice(1, -1).map(({ history }) => history?.count)).toEqual(subjects.map((_, i) => i % 10));
    subjects.forEach((subject, i) => expect(brands(i)).toEqual(new Array(i % 10).fill(subject)));
  });

  it('has the latest events that the specification can use', async () => {
    const priced = (id: string, minute: number, price: object): SentEvent => ({
      ...view(id, minute),
      values: [
        { name: 'brand', text: id },
        { name: 'size', ...price },
      ],
    });
    const sizes = Array.from({ length: 60 }, (_, i) =>
      priced(`e${i}`, i, i % 3 ? { text: 'L' } : { number: i }),
    );
    await ingest(owner.caller, sizes);
    trained = featureSpecSchema.parse({
      ...ECOMMERCE,
      sequence: {
        maxLength: 5,
        fields: [
          { type: 'categorical', name: 'brand' },
          { type: 'numeric', name: 'size' },
        ],
      },
    });
    expect((await intentOf({ userId: 'u1' })).history?.count).toBe(5);
    expect([...(seen['s_size']?.data ?? [])]).toEqual([45, 48, 51, 54, 57]);
    expect((await intentOf({ userId: 'u1', at: at(7) })).history?.count).toBe(3);
  });

  it.each(domains)('is what the same events given would be: $kind', async (domain) => {
    const { kind, featureSpec } = domain;
    const { demo } = domain.generate({ seed: 1, scale: 0.001 });
    const { history, ...input } = demo as {
      history: (Record<string, unknown> & { at: string; kind: string })[];
    };
    const subjectId = Object.entries(input).find(([name]) => name.endsWith('Id'))?.[1] as string;
    const columns = new Map(
      featureSpec.sequence?.fields.map((field) => [
        field.name,
        ('column' in field && field.column) || field.name,
      ]),
    );
    const events = history.map(({ at: moment, kind: what, ...fields }, i): SentEvent => {
      const values = Object.entries(fields).map(([name, value]) => ({
        name: columns.get(name) ?? name,
        ...(typeof value === 'number' ? { number: value } : {}),
        ...(typeof value === 'string' ? { text: value } : {}),
        ...(typeof value === 'boolean' ? { boolean: value } : {}),
      }));
      return { id: `e${i}`, subjectId, at: moment, kind: what, values };
    });
    expect(await ingest(owner.caller, events, kind)).toMatchObject({
      accepted: events.length,
      unreadColumns: [],
    });
    const ask = async (variables: object): Promise<Inputs> => {
      await owner.caller.data(domain.demoQuery, { input: variables });
      return seen;
    };
    const given = await ask(demo);
    expect(await ask(input)).toEqual(given);
    expect(Number(given['s_length']?.data[0])).toBe(events.length);
  });
});
