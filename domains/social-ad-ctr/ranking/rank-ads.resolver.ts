import { randomInt } from 'node:crypto';
import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { TENANT_MEMBERS } from '../../../src/graphql/authorization';
import { type GraphqlContext } from '../../../src/graphql/context';
import { perItem } from '../../../src/graphql/limits/cost';
import { outcome } from '../../../src/graphql/results/outcome';
import { QuotaExceeded } from '../../../src/graphql/quotas/quota-exceeded';
import { InvalidFeatures, ModelNotReady } from '../../../src/graphql/results/shared-errors';
import { requireTenant, type TenantContext } from '../../../src/platform/tenancy/request-context';
import { type Role } from '../../../src/platform/tenancy/role';
import { DecisionLog } from '../../../src/services/decisions/decision-log';
import { ItemEvidenceService } from '../../../src/services/events/item-evidence.service';
import { type ActivePolicy } from '../../../src/services/policies/policy-definition';
import { NO_EVIDENCE } from '../../../src/learning/decisions/thompson';
import { withOddsFactor } from '../../../src/learning/evaluation/segment-calibration';
import { type HistoryUse } from '../../../src/services/prediction/complete-history';
import { HeldOutRatesService } from '../../../src/services/models/held-out-rates.service';
import { type Answered, PredictionService } from '../../../src/services/prediction/prediction.service';
import { AD_KIND } from '../ad-kind';
import { clicks } from '../resolver';
import { adPolicy } from '../policy/ad-policy';
import { type AdPolicy } from '../policy/ad-policy-schema';
import { candidateRecords } from './candidate-records';
import { adFeatures } from './ad-features';
import { checkRequest, invalid, spendOf } from './check-request';
import { type AdCircumstances } from './decide-ad';
import { countedExposures, givenExposures } from './exposure-counts';
import { rank, type Ranked, type Scored } from './rank';
import { RankAdsInput } from './rank-ads-input';
import { RankAdsResult, RankedAd, RankedAds } from './ranked-ads';

/** A candidate's answer, and what it is ranked by. */
interface Told extends Pick<Answered<never>, 'item' | 'modelVersion' | 'servedBy' | 'threshold'> {
  readonly subjectId: string | null;
  readonly active: Pick<ActivePolicy<AdPolicy>, 'policy' | 'version'>;
  readonly circumstances: Omit<AdCircumstances, 'adId' | 'campaign' | 'bid' | 'pacing'>;
}

/** Of the feature `frequency`. */
const FREQUENCY_HOURS = 7 * 24;
const LARGEST_SEED = 2 ** 31 - 1;

@Resolver()
export class RankAdsResolver {
  constructor(
    private readonly predictions: PredictionService,
    private readonly evidence: ItemEvidenceService,
    private readonly heldOut: HeldOutRatesService,
    private readonly decisions: DecisionLog,
  ) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => RankAdsResult, {
    complexity: perItem('input.candidates'),
    description:
      'Which of the candidate ads to show to a member in a placement: by expected value (bid times calibrated CTR), with frequency caps, budget pacing and exploration under the tenant’s policy. Every candidate counts as a prediction. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async rankAds(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RankAdsInput, { description: 'The place, the member and the ads.' })
    input: RankAdsInput,
  ): Promise<typeof RankAdsResult> {
    const tenant = requireTenant(ctx);
    return outcome([InvalidFeatures, ModelNotReady, QuotaExceeded], async () => {
      checkRequest(input);
      await ctx.take?.('predictions', input.candidates.length);
      return this.rank(tenant, input, await this.decisions.active(tenant, adPolicy));
    });
  }

  private async rank(
    tenant: TenantContext,
    input: RankAdsInput,
    { policy, version: policyVersion }: ActivePolicy<AdPolicy>,
  ): Promise<RankedAds> {
    const { candidates, userId, first } = input;
    const at = input.at ?? new Date();
    const seed = input.seed ?? randomInt(LARGEST_SEED);
    const hours = hoursOf(input, policy);
    const { exposures, rates } = await this.evidence.read(tenant, {
      kind: AD_KIND,
      before: at,
      subject: userId == null || hours === 0 ? null : { id: userId, hours },
      items: {
        ids: policy.exploration.method === 'NONE' ? [] : candidates.map(({ adId }) => adId),
        days: policy.exploration.days,
      },
    });
    const answers = await this.predictions.predictEach(tenant, AD_KIND, {
      // All about one member: one version answers, and what they share is read once.
      subjectIds: candidates.map(() => userId),
      read: (spec) => {
        const kinds = spec.momentKinds ?? [];
        const counted = countedExposures(exposures, { before: at, kinds });
        // An impression that does not say of what it was may have been of any ad.
        const isKnown =
          userId != null &&
          kinds.length > 0 &&
          exposures.every(({ kind, item }) => item !== null || !kinds.includes(kind));
        return candidateRecords(input, {
          spec,
          at,
          frequencyOf: (adId) => (isKnown ? counted({ of: 'AD', hours: FREQUENCY_HOURS }, adId) : null),
        }).map((candidate) => ({ ...candidate, counted }));
      },
      areCandidates: true,
    });
    const [any] = answers;
    if (!any) throw new Error('no candidate was asked about');
    const { modelVersion } = any;
    const placementFactor = await this.factorOf(tenant, modelVersion.id, { input, policy });
    const priorImpressions = await this.priorOf(tenant, modelVersion.id, policy);
    let history: HistoryUse | null = null;
    const scored = candidates.map(({ adId, campaign, bid }, index): Scored => {
      const own = { index, adId, campaign: campaign ?? null, bid };
      const { read: candidate, item } = answers[index] ?? any;
      if (candidate.issues) return { ...own, issues: candidate.issues };
      if (!item) throw new Error('a candidate was asked about and not answered');
      if ('issues' in item) {
        const blamed = candidate.blame(item.issues);
        if (blamed.shared.length > 0) throw invalid(blamed.shared);
        return { ...own, issues: blamed.own };
      }
      history ??= item.history;
      return { ...own, ctr: withOddsFactor(item.probability, placementFactor) };
    });
    const { ranked, dropped } = rank(scored, {
      at,
      policy,
      spend: spendOf(input),
      exposuresOf: input.exposures ? givenExposures(input.exposures) : any.read.counted,
      rates,
      priorImpressions,
      seed,
    });
    return Object.assign(new RankedAds(), {
      subjectId: userId ?? null,
      ads: await Promise.all(
        ranked.slice(0, first).map((each, position) =>
          this.tell(tenant, each, {
            ...(answers[each.index] ?? any),
            subjectId: userId ?? null,
            active: { policy, version: policyVersion },
            circumstances: {
              ...{ placementFactor, priorImpressions, seed, position, eligible: ranked.length },
              evidence: rates.get(each.adId) ?? NO_EVIDENCE,
            },
          }),
        ),
      ),
      eligible: ranked.length,
      dropped,
      seed,
      policyVersion,
      placementFactor,
      priorImpressions,
      modelVersion,
      history,
    });
  }

  private async tell(
    { actor: { tenantId } }: TenantContext,
    ranked: Ranked,
    { item, active, circumstances, ...answered }: Told,
  ): Promise<RankedAd> {
    if (!item || !('recording' in item)) throw new Error('an ad is ranked that was not answered');
    const { adId, campaign, bid, adjustments } = ranked;
    const pacing = adjustments.find(({ kind }) => kind === 'PACED')?.factor ?? null;
    const { probability, record } = item;
    const recording = await this.decisions.recording(tenantId, item.recording, {
      definition: adPolicy,
      policy: active.policy,
      policyVersion: active.version,
      question: {
        probability,
        record,
        circumstances: { ...{ adId, campaign, bid, pacing }, ...circumstances } satisfies AdCircumstances,
      },
    });
    const prediction = clicks.answerOf(item, answered).decide(recording);
    return Object.assign(new RankedAd(), ranked, { prediction });
  }

  private async factorOf(
    tenant: TenantContext,
    versionId: string,
    { input, policy }: { input: RankAdsInput; policy: AdPolicy },
  ): Promise<number> {
    if (!policy.correctPlacements || input.placement == null) return 1;
    const factors = await this.heldOut.calibrations.offered(tenant, versionId, 'placement');
    return factors.get(input.placement) ?? 1;
  }

  /** What the model's answer weighs; null where nothing is explored. */
  private async priorOf(
    tenant: TenantContext,
    versionId: string,
    { exploration: { method, priorImpressions } }: AdPolicy,
  ): Promise<number | null> {
    if (method === 'NONE') return null;
    return priorImpressions ?? (await this.heldOut.strengths.of(tenant, versionId, adFeatures)).strength;
  }
}

/** How far back a member's impressions matter. */
function hoursOf({ exposures, candidates }: RankAdsInput, { frequencyCaps }: AdPolicy): number {
  const caps = exposures ? [] : frequencyCaps.map(({ hours }) => hours);
  const frequency = candidates.some((candidate) => candidate.frequency == null) ? FREQUENCY_HOURS : 0;
  return Math.max(0, frequency, ...caps);
}
