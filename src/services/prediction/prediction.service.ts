import { AppError, type Issue } from '../../errors';
import { type RateInterval, rateInterval } from '../../learning/evaluation/rate-intervals';
import { artifactInputs } from '../../learning/export/artifact-inputs';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type ExampleRecord, rawFromRecords } from '../../learning/features/raw-from-records';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type SubjectHistories } from '../events/subject-histories';
import { type Champions } from './champions';
import { completeHistory, type HistoryUse, type PredictionRecord } from './complete-history';
import { explainExamples, type NoReasons } from './explain-examples';
import { type PredictionRole } from './log/recorded-prediction';
import { type Recording } from './log/recording';
import { type RecordableExample, type RecorderOptions, ScoreRecorder } from './log/score-recorder';
import { oncePerQuestion } from './once-per-question';
import { type InferencePool } from './pool/inference-pool';
import { SEPARATOR } from './pool/wire-format';
import { type Question, type Readable } from './question';
import { type Reasons } from './reasons';
import { type Servable, type ServingVersion } from './servable';

/** What the model says about one example. */
export interface Score {
  /** Calibrated, in [0, 1]. */
  readonly probability: number;
  readonly logit: number;
  /** What it was told of the past. */
  readonly history: HistoryUse;
  /** Within what bounds the rate of positives among examples with such probabilities lies; none where that is not known. */
  readonly interval?: RateInterval | null;
  /** What was scored: with the history that was looked up, and what followed from it. */
  readonly record: ExampleRecord;
  /** Computed when it is first asked for, of all examples that were asked about together. Throws AppError UNAVAILABLE. */
  readonly explain: () => Promise<Reasons | NoReasons>;
  /** Gives it an id, under which it can be found and scored again. */
  readonly recording: Recording;
}

/** Why one example of many was not scored. Paths begin inside the record: `features.age`. */
export interface Refusal {
  readonly issues: readonly Issue[];
}

/** Answers of one model version, in the order of the records. */
export interface Predictions<Item> {
  readonly items: readonly Item[];
  readonly modelVersion: ServingVersion;
  /** Probabilities from here on mean yes. */
  readonly threshold: number;
}

/** What came of one place of a question. */
export interface Answered<R extends Readable> {
  readonly read: R;
  /** Null for what the version could not take. */
  readonly item: Score | Refusal | null;
  readonly modelVersion: ServingVersion;
  /** What the version was, among those of its domain, when it answered. */
  readonly servedBy: PredictionRole;
  /** Probabilities from here on mean yes. */
  readonly threshold: number;
}

export interface PredictionDependencies extends RecorderOptions {
  readonly champions: Pick<Champions, 'current'>;
  readonly pool: Pick<InferencePool, 'run'>;
  readonly histories: Pick<SubjectHistories, 'latest' | 'derived' | 'keyed' | 'dated'>;
}

/** Answers with the version that serves the tenant's kind. */
export class PredictionService {
  readonly #champions: PredictionDependencies['champions'];
  readonly #pool: PredictionDependencies['pool'];
  readonly #histories: PredictionDependencies['histories'];
  readonly #recorder: ScoreRecorder;

  constructor({ champions, pool, histories, log, onUnrecorded }: PredictionDependencies) {
    this.#champions = champions;
    this.#pool = pool;
    this.#histories = histories;
    this.#recorder = new ScoreRecorder({ log, onUnrecorded });
  }

  /**
   * Scores all records or none.
   *
   * @throws AppError MODEL_NOT_READY before the first promotion; BAD_USER_INPUT with issues at paths such as
   *   `0.features.age`; UNAVAILABLE when the threads do not answer in time
   */
  async predict(
    ctx: TenantContext,
    kind: string,
    records: readonly PredictionRecord[],
  ): Promise<Predictions<Score>> {
    const servable = await this.#champions.current(ctx.actor.tenantId, kind);
    const asked = await this.#ask({ kind, servable, areCandidates: false }, records);
    return { items: await this.#score(asked), modelVersion: servable.version, threshold: servable.threshold };
  }

  /**
   * Scores all records or none, and says of each what its features and its events contribute to its logit.
   *
   * @throws as {@link predict}
   */
  async explain(
    ctx: TenantContext,
    kind: string,
    records: readonly PredictionRecord[],
  ): Promise<Predictions<Score & { readonly reasons: Reasons | NoReasons }>> {
    const predictions = await this.predict(ctx, kind, records);
    const items = predictions.items.map(async (item) => ({ ...item, reasons: await item.explain() }));
    return { ...predictions, items: await Promise.all(items) };
  }

  /**
   * Scores the places that can be scored, and says of each of the others what is wrong with it. The history of a
   * record that has a subject and no history is looked up.
   *
   * @returns what came of each place, in their order
   * @throws AppError MODEL_NOT_READY, UNAVAILABLE
   */
  async predictEach<R extends Readable>(
    ctx: TenantContext,
    kind: string,
    { subjectIds, read, areCandidates = false }: Question<R>,
  ): Promise<Answered<R>[]> {
    const servable = await this.#champions.current(ctx.actor.tenantId, kind);
    const reads = read(servable.spec, [...subjectIds.keys()]);
    const records = reads.flatMap(({ record }) => (record ? [record] : []));
    const items = (
      await this.#scoreEach(await this.#ask({ kind, servable, areCandidates }, records))
    ).values();
    const { version, threshold } = servable;
    return reads.map((each) => ({
      read: each,
      item: (each.record && items.next().value) ?? null,
      modelVersion: version,
      servedBy: 'CHAMPION',
      threshold,
    }));
  }

  /**
   * What a version says of an example that it has scored before: nothing is looked up, and nothing recorded.
   * @throws AppError UNAVAILABLE
   */
  async rescore(
    { artifact, spec }: Pick<Servable, 'artifact' | 'spec'>,
    record: ExampleRecord,
  ): Promise<Pick<Score, 'probability' | 'logit'>> {
    const { probability, logit } = await this.#pool.run(
      artifact,
      artifactInputs(spec, readRecords(spec, [record], new Date())),
    );
    return { probability: probability?.[0] ?? NaN, logit: logit?.[0] ?? NaN };
  }

  async #ask(asking: Asking, records: readonly PredictionRecord[]): Promise<Asked> {
    // One moment for all, also where some have to be read again.
    const now = new Date();
    const { spec, artifact } = asking.servable;
    const place = { tenantId: artifact.tenantId, domain: asking.kind, spec };
    const latest = oncePerQuestion(this.#histories.latest.bind(this.#histories, place));
    const derived = this.#histories.derived.bind(this.#histories, place);
    const keyed = this.#histories.keyed.bind(this.#histories, place);
    const dated = this.#histories.dated.bind(this.#histories, place);
    // Looked up at the same time, and so together.
    const examples = await Promise.all(
      records.map(async (record) => ({
        ...(await completeHistory(record, { spec, now, latest, derived, keyed, dated })),
        subjectId: record.subjectId ?? null,
      })),
    );
    return { ...asking, examples, now };
  }

  /** @throws AppError BAD_USER_INPUT, UNAVAILABLE */
  async #score(asked: Asked): Promise<Score[]> {
    const { servable, examples, now } = asked;
    if (examples.length === 0) return [];
    for (const [index, { problem }] of examples.entries()) if (problem) throw refused(problem, index);
    const records = examples.map(({ record }) => record);
    const raw = readRecords(servable.spec, records, now);
    const inputs = artifactInputs(servable.spec, raw);
    const { probability, logit } = await this.#pool.run(servable.artifact, inputs);
    const explain = explainExamples(this.#pool, { servable, records, raw, inputs });
    const scores = examples.map((example, row) => {
      const score = {
        probability: finite(probability?.[row], servable),
        logit: finite(logit?.[row], servable),
      };
      const recording = this.#recorder.recording(asked, example, score);
      return {
        ...score,
        history: example.history,
        interval: servable.rateIntervals ? rateInterval(servable.rateIntervals, score.probability) : null,
        record: example.record,
        explain: () => explain(row),
        recording,
      };
    });
    if (!asked.areCandidates) await this.#recorder.recordShare(asked, examples, scores);
    return scores;
  }

  /** @throws AppError UNAVAILABLE */
  async #scoreEach(asked: Asked): Promise<(Score | Refusal)[]> {
    try {
      return await this.#score(asked);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return this.#scoreTheRest(asked);
    }
  }

  async #scoreTheRest(asked: Asked): Promise<(Score | Refusal)[]> {
    const { servable, examples, now } = asked;
    const refusals = examples.map(({ record, problem }) =>
      problem ? { issues: [problem] } : refusalOf(servable.spec, record, now),
    );
    const scores = await this.#score({
      ...asked,
      examples: examples.filter((_example, index) => !refusals[index]),
    });
    const next = scores.values();
    return refusals.flatMap((refusal) => {
      const item = refusal ?? next.next().value;
      return item ? [item] : [];
    });
  }
}

/** Which version answers, and whether its answers are sampled. */
interface Asking {
  readonly kind: string;
  readonly servable: Servable;
  readonly areCandidates: boolean;
}

/** Records with their histories, for the version that answers. */
interface Asked extends Asking {
  readonly examples: readonly RecordableExample[];
  /** The moment of records without one. */
  readonly now: Date;
}

/** The records as the artifact takes them. Everything that could spoil a batch is refused here, before it is in one. */
function readRecords(spec: FeatureSpec, records: readonly ExampleRecord[], now: Date) {
  const raw = rawFromRecords(spec, records, now);
  for (const columns of [raw.categorical, raw.sequence?.categorical ?? {}]) {
    for (const [name, values] of Object.entries(columns)) {
      const index = values.findIndex((value) => value.includes(SEPARATOR));
      if (index < 0) continue;
      const record = Math.floor((index * raw.count) / values.length);
      const path = `${record}.${columns === raw.categorical ? `features.${name}` : `history`}`;
      const message = 'holds the character NUL, which no category can';
      throw new AppError('BAD_USER_INPUT', `${path} ${message}`, [{ path, message }]);
    }
  }
  return raw;
}

function refused({ path, message }: Issue, record: number): AppError {
  const place = `${record}.${path}`;
  return new AppError('BAD_USER_INPUT', `${place} ${message}`, [{ path: place, message }]);
}

function refusalOf(spec: FeatureSpec, record: ExampleRecord, now: Date): Refusal | null {
  try {
    readRecords(spec, [record], now);
    return null;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { issues: error.issues.map(({ path, message }) => ({ path: path.replace(/^0\./, ''), message })) };
  }
}

const isRefusal = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === 'BAD_USER_INPUT' && error.issues.length > 0;

/** A probability that is not a number must never look like an answer. */
function finite(value: number | undefined, { version }: Servable): number {
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new Error(`model version ${version.id} did not answer with a number`);
}
