import { In } from 'typeorm';
import { AppError } from '../../errors';
import { evaluate, type Evaluation } from '../../learning/evaluation/evaluate';
import { type EvaluationCurves, evaluationCurves } from '../../learning/evaluation/curves';
import { type BootstrapIntervals, bootstrapIntervals } from '../../learning/evaluation/intervals';
import { delongTest, logLossTest } from '../../learning/evaluation/paired-tests';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Slots } from '../datasets/slots';
import { TrainingRun } from '../training/training-run.entity';
import { comparableIds, type ModelComparison, pairUp } from './compare';
import { type HeldOutExamples, heldOutExamples, type IdentifiedExamples } from './held-out-examples';
import { ModelVersion } from './model-version.entity';
import { RecentResults } from './recent-results';
import { MIN_SLICE, type SliceCondition, sliceOf } from './slice';
import { type SliceFeature, sliceFeatures } from './slice-features';

/** Held-out examples kept in memory for the next question about them, at most; twelve bytes each. */
const KEPT_EXAMPLES = 2_000_000;
/** Small results that are kept. */
const KEPT_RESULTS = 500;
/** Files read at the same time. */
const READS_AT_ONCE = 2;

export interface HeldOutRequest {
  /** In 0..1; the recommended one when absent. */
  readonly threshold?: number | null | undefined;
  /** All of them hold for the examples of the slice; all examples where there are none. */
  readonly slice?: readonly SliceCondition[] | null | undefined;
}

/** The examples that an evaluation is of, and the threshold that it is at. */
export interface HeldOut {
  readonly examples: HeldOutExamples;
  readonly threshold: number;
  /** The same for the same examples. */
  readonly key: string;
}

/**
 * How good model versions are on what they never saw: at any threshold, on any slice, with intervals, and against each
 * other. Read from the held-out predictions of each version, which never change, so that answers are kept.
 *
 * What draws again and again does so one request at a time, in turns with everything else.
 */
export class EvaluationsService {
  private readonly reads = new Slots(READS_AT_ONCE);
  private readonly draws = new Slots(1);
  private readonly examples = new RecentResults<HeldOutExamples>(
    KEPT_EXAMPLES,
    ({ labels_N }) => labels_N.length + 1,
  );
  private readonly drawn = new RecentResults<BootstrapIntervals>(KEPT_RESULTS, () => 1);
  private readonly features = new RecentResults<SliceFeature[]>(KEPT_RESULTS, (found) => found.length + 1);

  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
  ) {}

  /** A subject was erased: what is kept of held-out examples is read again. */
  forget(): void {
    for (const kept of [this.examples, this.drawn, this.features]) kept.clear();
  }

  /**
   * Examples of a version's test part.
   * @throws AppError BAD_USER_INPUT for a threshold outside 0..1, a slice that cannot be, or one of fewer than
   *   {@link MIN_SLICE} examples
   */
  async heldOut(ctx: TenantContext, version: ModelVersion, request: HeldOutRequest): Promise<HeldOut> {
    const threshold = request.threshold ?? version.recommendedThreshold;
    if (!(threshold >= 0 && threshold <= 1)) throw invalid('threshold', 'a probability, from 0 to 1');
    const slice = request.slice ?? [];
    const key = JSON.stringify([ctx.actor.tenantId, version.predictionsSha256, slice]);
    const examples = await this.examples.get(key, async () => {
      const read = await this.read(ctx, version, { slice, path: 'slice' });
      const { total, labels_N, probabilities_N, subjects_N } = read;
      return { total, labels_N, probabilities_N, subjects_N };
    });
    const count = examples.labels_N.length;
    if (slice.length > 0 && count < MIN_SLICE) throw invalid('slice', tooSmall(count));
    return { examples, threshold, key };
  }

  evaluation({ examples, threshold }: HeldOut): Evaluation {
    return evaluate(examples.labels_N, examples.probabilities_N, threshold);
  }

  curves({ examples }: Pick<HeldOut, 'examples'>): EvaluationCurves {
    return evaluationCurves(examples.labels_N, examples.probabilities_N);
  }

  async intervals({ examples, threshold, key }: HeldOut): Promise<BootstrapIntervals> {
    return this.drawn.get(`${key} ${threshold}`, () =>
      this.draws.run(() => bootstrapIntervals(examples, threshold)),
    );
  }

  /** What the test part can be sliced by, in the specification's order; nothing for versions from before that was kept. */
  async sliceFeatures(ctx: TenantContext, version: ModelVersion): Promise<SliceFeature[]> {
    const key = `${ctx.actor.tenantId} ${version.predictionsSha256}`;
    return this.features.get(key, () =>
      this.reads.run(async () => sliceFeatures(await this.path(ctx, version), version.featureSpec)),
    );
  }

  /**
   * Two versions of one domain on the examples that neither was fitted or tuned on.
   * @throws AppError NOT_FOUND; BAD_USER_INPUT; CONFLICT when they do not share enough held-out examples
   */
  async compare(
    ctx: TenantContext,
    {
      first,
      second,
      slice,
    }: { first: string; second: string; slice?: readonly SliceCondition[] | null | undefined },
  ): Promise<ModelComparison> {
    if (first === second) throw invalid('input.second', 'another version than the first');
    const found = await this.versions(ctx, [first, second]);
    const [before, after] = [versionOf(found, first), versionOf(found, second)];
    if (before.version.kind !== after.version.kind)
      throw invalid('input.second', `a version of the first one's domain, ${before.version.kind}`);
    const problem = comparableIds(before, after);
    if (problem) throw new AppError('CONFLICT', problem);
    const conditions = slice ?? [];
    const ofFirst = await this.read(ctx, before.version, { slice: conditions, path: 'input.slice' });
    const ofSecond = await this.read(ctx, after.version, { slice: [], path: 'input.slice' });
    const { pairs, ...counts } = pairUp(ofFirst, ofSecond);
    const { labels_N, first_N, second_N } = pairs;
    if (labels_N.length < MIN_SLICE)
      throw new AppError(
        'CONFLICT',
        `The versions share ${labels_N.length} held-out examples with the same label${conditions.length > 0 ? ' in this slice' : ''}; at least ${MIN_SLICE} are needed. Train both on the same data set with the same split and seed.`,
      );
    const logLoss = await this.draws.run(() => logLossTest(pairs));
    return {
      ...counts,
      first: before.version,
      second: after.version,
      matched: labels_N.length,
      subjects: pairs.subjects_N && new Set(pairs.subjects_N).size,
      firstEvaluation: evaluate(labels_N, first_N, before.version.recommendedThreshold),
      secondEvaluation: evaluate(labels_N, second_N, after.version.recommendedThreshold),
      rocAuc: delongTest(pairs),
      logLoss,
    };
  }

  private async versions(ctx: TenantContext, ids: readonly string[]) {
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const versions = await scope.repository(ModelVersion).find({ id: In([...ids]) });
      const runs = await scope.repository(TrainingRun).find({ id: In(versions.map(({ runId }) => runId)) });
      return versions.map((version) => ({
        version,
        datasetId: runs.find(({ id }) => id === version.runId)?.datasetId ?? null,
      }));
    });
  }

  private async read(
    ctx: TenantContext,
    version: ModelVersion,
    { slice, path }: { slice: readonly SliceCondition[]; path: string },
  ): Promise<IdentifiedExamples> {
    return this.reads.run(async () =>
      heldOutExamples(await this.path(ctx, version), (header) =>
        sliceOf(slice, { spec: version.featureSpec, header, path }),
      ),
    );
  }

  private async path(ctx: TenantContext, version: ModelVersion): Promise<string> {
    return this.stores.forTenant(ctx.actor.tenantId).localPath(version.predictionsSha256);
  }
}

/** @throws AppError NOT_FOUND, as of a version that is another tenant's */
function versionOf<V extends { readonly version: ModelVersion }>(found: readonly V[], id: string): V {
  const version = found.find(({ version }) => version.id === id);
  if (!version) throw new AppError('NOT_FOUND', `no model version has the id "${id}"`);
  return version;
}

function tooSmall(count: number): string {
  return `it holds ${count} of the held-out examples; at least ${MIN_SLICE} are needed`;
}

function invalid(path: string, message: string): AppError {
  return new AppError('BAD_USER_INPUT', `${path}: ${message}.`, [{ path, message }]);
}
