import { withOddsFactor } from '../../../src/learning/evaluation/segment-calibration';
import { seededRandom } from '../../../src/learning/training/random';
import { type AdPrediction, adVersion } from '../../support/api/ad-version';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const FIELDS = `feature leftOut segments {
  value count predicted observed ratio { estimate low high } ece { estimate low high }
  correction { oddsFactor fitted { estimate low high } pValue logLoss correctedLogLoss difference { estimate low high } isOffered }
}`;
const BY_PLACEMENT = `query ($by: String) { adCalibration(by: $by) {
  __typename
  ... on AdCalibration { modelVersion { id number } calibration { ${FIELDS} } }
  ... on InvalidInput { issues { path message } }
  ... on UserError { code }
} }`;

interface Segment {
  readonly value: string;
  readonly count: number;
  readonly observed: number;
  readonly ratio: { readonly low: number; readonly high: number };
  readonly correction: { readonly oddsFactor: number; readonly isOffered: boolean };
}
interface Answer {
  readonly __typename: string;
  readonly modelVersion: { readonly id: string };
  readonly calibration: { readonly feature: string; readonly leftOut: number; readonly segments: Segment[] };
  readonly issues?: ReadonlyArray<{ readonly path: string; readonly message: string }>;
}

/** What is predicted is right in the feed, and too high by half in the odds in the sidebar. */
function predictions(): AdPrediction[] {
  const random = seededRandom(3);
  return Array.from({ length: 6000 }, (_, n) => {
    const probability = Math.fround(0.05 + 0.3 * random());
    const placement = n % 1000 === 0 ? 'billboard' : n % 3 === 0 ? 'sidebar' : 'feed';
    const truth = placement === 'sidebar' ? withOddsFactor(probability, 0.5) : probability;
    return {
      ...{ part: n % 2 === 0 ? 'validation' : 'test', id: `i${n}`, probability, placement },
      label: random() < truth ? 1 : 0,
      subject: n % 700,
    };
  });
}

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

const ask = async (by?: string, { caller } = owner): Promise<Answer> =>
  (await caller.data<{ adCalibration: Answer }>(BY_PLACEMENT, by === undefined ? {} : { by })).adCalibration;

describe('calibration by placement', () => {
  it('shows predicted and observed clicks of the version that serves, and what would be corrected', async () => {
    const rows = predictions();
    const { id } = await adVersion(test, owner, rows);
    const { modelVersion, calibration } = await ask();
    expect(modelVersion.id).toBe(id);
    expect(calibration).toMatchObject({ feature: 'placement', leftOut: 1 });
    const [feed, sidebar] = calibration.segments;
    expect([feed?.value, sidebar?.value]).toEqual(['feed', 'sidebar']);
    const clicks = rows.filter((row) => row.part === 'test' && row.placement === 'feed');
    expect(feed).toMatchObject({
      count: clicks.length,
      observed: clicks.filter(({ label }) => label === 1).length,
      correction: { isOffered: false },
    });
    expect(feed?.ratio.low).toBeLessThan(1);
    expect(feed?.ratio.high).toBeGreaterThan(1);
    expect(sidebar?.ratio.high).toBeLessThan(0.8);
    expect(sidebar?.correction).toMatchObject({ isOffered: true });
    expect(sidebar?.correction.oddsFactor).toBeLessThan(0.7);
  });

  it('is the same of the version itself', async () => {
    const { id } = await adVersion(test, owner, predictions());
    const { modelVersion } = await owner.caller.data<{ modelVersion: { calibrationBy: object } }>(
      `query ($id: ID!) { modelVersion(id: $id) { calibrationBy(feature: "placement") { ... on CalibrationBySegment { ${FIELDS} } } } }`,
      { id },
    );
    expect(modelVersion.calibrationBy).toEqual((await ask()).calibration);
  });

  it('says what it can be asked for', async () => {
    await adVersion(test, owner, predictions());
    for (const by of ['frequency', 'colour', 'category']) {
      const answer = await ask(by);
      expect(answer.__typename).toBe('InvalidInput');
      expect(answer.issues).toEqual([
        { path: 'feature', message: expect.stringContaining('placement') as string },
      ]);
    }
  });

  it('is not there before the first promotion, nor for others', async () => {
    expect((await ask()).__typename).toBe('ModelNotReady');
    await adVersion(test, owner, predictions());
    expect((await ask(undefined, await test.tenant())).__typename).toBe('ModelNotReady');
    const { caller } = await test.tenant('SERVICE');
    expect(await caller.code(BY_PLACEMENT)).toBe('FORBIDDEN');
  });
});
