import { discoverDomains } from '../../../src/app/discover-domains';
import { AppError } from '../../../src/errors';
import { type ArtifactTensor } from '../../../src/learning/export/artifact-inputs';
import { type FeatureSpec } from '../../../src/learning/features/feature-spec';
import { type Database } from '../../../src/platform/persistence/database';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { PredictionLog } from '../../../src/services/prediction/log/prediction-log';
import { PredictionService } from '../../../src/services/prediction/prediction.service';
import { type ApiTenant } from './test-api';

export const AD_KIND = 'SOCIAL_AD_CTR';
const domain = discoverDomains().find(({ kind }) => kind === AD_KIND);
if (!domain) throw new Error('there is no domain of ads');
export const AD_SPEC: FeatureSpec = domain.featureSpec;

/** Of an answer whose version was never recorded. */
const NO_VERSION = '00000000-0000-4000-8000-000000000000';

/** What the model was given, call by call, and what it is. It answers 0.1, and 0.2 for games. */
export const adModel = {
  calls: [] as Readonly<Record<string, ArtifactTensor>>[],
  lookups: 0,
  isPromoted: true,
  versionId: NO_VERSION,
  spec: AD_SPEC,
  recordShare: 0,
  reset(): void {
    [this.calls, this.lookups, this.isPromoted, this.spec] = [[], 0, true, AD_SPEC];
    [this.versionId, this.recordShare] = [NO_VERSION, 0];
  },
};

export function adPredictions(database: Database): PredictionService {
  return new PredictionService({
    champions: {
      current: (tenantId) =>
        adModel.isPromoted
          ? Promise.resolve({
              version: { id: adModel.versionId, number: 1, createdAt: new Date(0) },
              artifact: { tenantId, sha256: 'a'.repeat(64) },
              spec: adModel.spec,
              threshold: 0.5,
              recordShare: adModel.recordShare,
            })
          : Promise.reject(new AppError('MODEL_NOT_READY', 'nothing is promoted')),
    },
    pool: {
      run: (_artifact, inputs) => {
        adModel.calls.push(inputs);
        const categories = [...(inputs['f_category']?.data ?? [])] as unknown[];
        return Promise.resolve({
          probability: Float32Array.from(categories, (category) => (category === 'games' ? 0.2 : 0.1)),
          logit: new Float32Array(categories.length),
        });
      },
    },
    histories: new SubjectHistories({
      inTenant: (tenantId, work) => {
        adModel.lookups += 1;
        return database.inTenant(tenantId, work);
      },
    }),
    log: new PredictionLog(database),
  });
}

const HOUR = 3_600_000;
const NOW = Date.UTC(2025, 3, 9, 20);
/** So many hours before the moment that ads are ranked at. */
export const ago = (hours: number) => new Date(NOW - hours * HOUR).toISOString();

export const RANK_ADS = `query ($input: RankAdsInput!) { rankAds(input: $input) {
  __typename
  ... on RankedAds {
    subjectId seed eligible policyVersion placementFactor priorImpressions history { source count } modelVersion { number }
    ads { adId campaign index bid ctr smoothedCtr impressions eCpm score adjustments { kind factor message } }
    dropped { adId index ctr eCpm reason message issues { path message } }
  }
  ... on InvalidFeatures { issues { path message } }
  ... on UserError { code }
} }`;

export interface RankAdsAnswer {
  readonly __typename: string;
  readonly code?: string;
  readonly issues?: ReadonlyArray<{ readonly path: string; readonly message: string }>;
  readonly seed: number;
  readonly eligible: number;
  readonly policyVersion: number;
  readonly placementFactor: number;
  readonly priorImpressions: number | null;
  readonly subjectId: string | null;
  readonly history: { readonly source: string; readonly count: number } | null;
  readonly ads: ReadonlyArray<{
    readonly adId: string;
    readonly impressions: number;
    readonly smoothedCtr: number;
    readonly ctr: number;
    readonly eCpm: number;
    readonly adjustments: ReadonlyArray<{ readonly kind: string }>;
  }>;
  readonly dropped: ReadonlyArray<{
    readonly adId: string;
    readonly index: number;
    readonly reason: string;
    readonly issues: ReadonlyArray<{ readonly path: string }>;
  }>;
}

export async function rankAds(input: object, { caller }: ApiTenant): Promise<RankAdsAnswer> {
  const { rankAds: answer } = await caller.data<{ rankAds: RankAdsAnswer }>(RANK_ADS, {
    input: { at: ago(0), seed: 7, ...input },
  });
  return answer;
}

export const ad = (adId: string, change: object = {}) => ({ adId, bid: 1, ...change });
