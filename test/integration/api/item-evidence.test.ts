import { discoverDomains } from '../../../src/app/discover-domains';
import { DomainCatalogue } from '../../../src/services/domains/domain-catalogue';
import { ItemEvidenceService } from '../../../src/services/events/item-evidence.service';
import { ingest, type SentEvent } from '../../support/api/stored-events';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const KIND = 'SOCIAL_AD_CTR';
const START = Date.UTC(2025, 2, 1);
const HOUR = 3_600_000;
const NOW = new Date(START + 240 * HOUR);

let test: TestApi;
let owner: ApiTenant;
let evidence: ItemEvidenceService;
beforeAll(async () => {
  test = await startTestApi();
  evidence = new ItemEvidenceService(test.database, new DomainCatalogue(discoverDomains()));
});
beforeEach(async () => (owner = await test.tenant()));
afterAll(() => test.close());

const shown = (
  id: string,
  {
    ad = 'ad-1',
    hour = 0,
    clicked = false,
    predicted,
    ...change
  }: { ad?: string; hour?: number; clicked?: boolean; predicted?: number } & Partial<SentEvent> = {},
): SentEvent => ({
  id,
  subjectId: 'm1',
  at: new Date(START + hour * HOUR).toISOString(),
  kind: 'impression',
  values: [
    { name: 'ad_id', text: ad },
    { name: 'campaign_id', text: `of ${ad}` },
    { name: 'clicked', boolean: clicked },
    ...(predicted === undefined ? [] : [{ name: 'predicted_ctr', number: predicted }]),
  ],
  ...change,
});

const read = (
  { days = 30, hours = 24, ids = ['ad-1', 'ad-2'] }: { days?: number; hours?: number; ids?: string[] } = {},
  tenant = owner,
) =>
  evidence.read(
    { requestId: 'r', actor: { id: tenant.keyId, tenantId: tenant.id, role: 'SERVICE' } },
    { kind: KIND, before: NOW, subject: { id: 'm1', hours }, items: { ids, days } },
  );

describe('how often an item was shown', () => {
  it('is counted once per event, whatever is sent again, over the days that are asked for', async () => {
    const batch = [
      shown('a', { clicked: true, predicted: 0.2 }),
      shown('b', { predicted: 0.1 }),
      // Not counted: no prediction, no ad, no moment.
      shown('c', { predicted: 7 }),
      shown('d', { values: [{ name: 'clicked', boolean: true }] }),
      shown('e', { kind: 'like' }),
      shown('f', { ad: 'ad-2', hour: 200, clicked: true }),
    ];
    await ingest(owner.caller, batch, KIND);
    await ingest(owner.caller, [...batch, shown('g', { hour: 30 })], KIND);
    const { rates } = await read();
    expect(rates.get('ad-1')).toEqual({
      shown: 4,
      positives: 1,
      predictedShown: 2,
      predicted: expect.closeTo(0.3, 12) as number,
    });
    expect(rates.get('ad-2')).toEqual({ shown: 1, positives: 1, predictedShown: 0, predicted: 0 });
    expect([...(await read({ days: 3 })).rates.keys()]).toEqual(['ad-2']);
    expect((await read({ ids: ['ad-3', 'x'.repeat(300), '\0'] })).rates.size).toBe(0);
  });

  it("is another tenant's secret", async () => {
    await ingest(owner.caller, [shown('a')], KIND);
    const { rates, exposures } = await read({ hours: 720 }, await test.tenant());
    expect([rates.size, exposures.length]).toEqual([0, 0]);
  });

  it('is not counted where the label is told by later events', async () => {
    await owner.caller.data(
      `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }`,
      {
        input: {
          kind: KIND,
          featureSpec: {
            ...discoverDomains().find(({ kind }) => kind === KIND)!.featureSpec,
            label: { event: 'like', withinMinutes: 30 },
          },
        },
      },
    );
    await ingest(owner.caller, [shown('a')], KIND);
    expect((await read()).rates.size).toBe(0);
  });
});

describe('what a subject saw', () => {
  it('lies in the hours before the moment, the latest first', async () => {
    const at = (hour: number) => ({ hour: 240 + hour });
    await ingest(
      owner.caller,
      [
        shown('a', at(-24)),
        shown('b', at(-25)),
        shown('c', { ...at(-1), ad: 'ad-2' }),
        shown('d', at(0)),
        shown('e', { ...at(-2), subjectId: 'm2' }),
        shown('f', { ...at(-3), values: [{ name: 'clicked', boolean: false }] }),
      ],
      KIND,
    );
    const { exposures } = await read();
    expect(exposures).toEqual([
      { kind: 'impression', atMs: NOW.getTime() - HOUR, item: 'ad-2', group: 'of ad-2' },
      { kind: 'impression', atMs: NOW.getTime() - 3 * HOUR, item: null, group: null },
      { kind: 'impression', atMs: NOW.getTime() - 24 * HOUR, item: 'ad-1', group: 'of ad-1' },
    ]);
  });
});
