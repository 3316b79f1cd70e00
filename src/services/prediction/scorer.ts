import { AppError, type Issue } from '../../errors';
import { type RateInterval } from '../../learning/evaluation/rate-intervals';
import { artifactInputs } from '../../learning/export/artifact-inputs';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type ExampleRecord, rawFromRecords } from '../../learning/features/raw-from-records';
import { traced } from '../../platform/telemetry/tracing';
import { type SubjectHistories } from '../events/subject-histories';
import {
  completeHistory,
  type CompletedRecord,
  type HistoryUse,
  type PredictionRecord,
} from './complete-history';
import { explainExamples, type NoReasons } from './explain-examples';
import { type Recording } from './log/recording';
import { type RecordableExample, type ScoredBy, type ScoreRecorder } from './log/score-recorder';
import { oncePerQuestion } from './once-per-question';
import { type InferencePool } from './pool/inference-pool';
import { type ArtifactOutputs } from './pool/tensors';
import { SEPARATOR } from './pool/wire-format';
import { type Reasons } from './reasons';
import { type ReadExamples, RowScore, type ScoredBatch } from './row-score';
import { type Servable } from './servable';

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

/** Which version answers, and how. */
export interface Asking extends Omit<ScoredBy, 'now'> {
  /** The moment of records without one; now when left out. */
  readonly now?: Date;
  /** Whether the tenant's share of them is recorded; it is unless this says otherwise. */
  readonly isSampled?: boolean;
}

export interface AskedRecord extends PredictionRecord, Pick<RecordableExample, 'trialId' | 'shadowOf'> {}

/** Records with their histories, for the version that answers. */
interface Asked extends Asking {
  readonly examples: readonly RecordableExample[];
  readonly now: Date;
}

/** What a version answered is no number. */
export class NotFinite extends Error {}

/** Scores examples with a version: looks up what is known of them, reads them, and has them computed. */
export class Scorer {
  constructor(
    private readonly pool: Pick<InferencePool, 'run'>,
    private readonly histories: Pick<SubjectHistories, 'latest' | 'derived' | 'keyed' | 'dated'>,
    private readonly recorder: ScoreRecorder,
  ) {}

  /**
   * Scores all records or none.
   * @throws AppError BAD_USER_INPUT with issues at paths such as `0.features.age`; UNAVAILABLE
   */
  async scoreAll(asking: Asking, records: readonly AskedRecord[]): Promise<Score[]> {
    return this.score(await this.ask(asking, records));
  }

  /**
   * Scores the records that can be scored, and says of each of the others what is wrong with it.
   * @throws AppError UNAVAILABLE
   */
  async scoreEach(asking: Asking, records: readonly AskedRecord[]): Promise<(Score | Refusal)[]> {
    return this.scoreAsked(await this.ask(asking, records));
  }

  private async ask(asking: Asking, records: readonly AskedRecord[]): Promise<Asked> {
    // One moment for all, also where some have to be read again.
    const { now = new Date() } = asking;
    const { spec, artifact } = asking.servable;
    const place = { tenantId: artifact.tenantId, domain: asking.kind, spec };
    const latest = oncePerQuestion(this.histories.latest.bind(this.histories, place));
    const derived = this.histories.derived.bind(this.histories, place);
    const keyed = this.histories.keyed.bind(this.histories, place);
    const dated = this.histories.dated.bind(this.histories, place);
    const lookUp = { spec, now, latest, derived, keyed, dated };
    // Looked up at the same time, and so together; where everything was given there is nothing to wait for.
    const completing = records.map(({ at, features, history, subjectId }) =>
      completeHistory({ at, features, history, subjectId }, lookUp),
    );
    const completed = completing.every(isComplete)
      ? completing
      : await traced('history.lookup', { 'propensity.rows': records.length }, () =>
          Promise.all(completing.map((each) => Promise.resolve(each))),
        );
    const examples = completed.map((example, index) => {
      const { subjectId = null, trialId = null, shadowOf = null } = records[index] ?? {};
      return { ...example, subjectId, trialId, shadowOf };
    });
    return { ...asking, examples, now };
  }

  /** @throws AppError BAD_USER_INPUT, UNAVAILABLE */
  private async score(asked: Asked): Promise<Score[]> {
    const { servable, examples, now } = asked;
    if (examples.length === 0) return [];
    for (const [index, { problem }] of examples.entries()) if (problem) throw refused(problem, index);
    const records = examples.map(({ record }) => record);
    const exampleOf = (row: number): RecordableExample => {
      const example = examples[row];
      if (!example) throw new RangeError(`example ${row} was not asked about`);
      return example;
    };
    return this.scoreRead(asked, {
      count: records.length,
      raw: () => readRecords(servable.spec, records, now),
      subjectIdOf: (row) => exampleOf(row).subjectId,
      historyOf: (row) => exampleOf(row).history,
      exampleOf,
    });
  }

  /**
   * Scores examples that are read.
   * @throws AppError UNAVAILABLE
   */
  async scoreRead(asked: Asking & Pick<Asked, 'now'>, examples: ReadExamples): Promise<Score[]> {
    const { servable } = asked;
    const { probability, logit } = await this.run(servable, examples);
    const recordOf = (row: number): ExampleRecord => examples.exampleOf(row).record;
    const explain = explainExamples(this.pool, { servable, recordOf, read: examples.raw });
    const batch: ScoredBatch = { asked, examples, explain, recorder: this.recorder };
    const scores = new Array<Score>(examples.count);
    for (let row = 0; row < examples.count; row++)
      scores[row] = new RowScore(
        batch,
        row,
        finite(probability?.[row], servable),
        finite(logit?.[row], servable),
      );
    if (asked.isSampled !== false) await this.recorder.recordShare(asked, examples.subjectIdOf, scores);
    return scores;
  }

  /** What is read is not kept while it is waited for. */
  private run({ spec, artifact }: Servable, { raw }: ReadExamples): Promise<ArtifactOutputs> {
    return this.pool.run(artifact, artifactInputs(spec, raw()));
  }

  /** @throws AppError UNAVAILABLE */
  private async scoreAsked(asked: Asked): Promise<(Score | Refusal)[]> {
    try {
      return await this.score(asked);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return this.scoreTheRest(asked);
    }
  }

  private async scoreTheRest(asked: Asked): Promise<(Score | Refusal)[]> {
    const { servable, examples, now } = asked;
    const refusals = examples.map(({ record, problem }) =>
      problem ? { issues: [problem] } : refusalOf(servable.spec, record, now),
    );
    const scores = await this.score({
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

const isComplete = (completing: CompletedRecord | Promise<CompletedRecord>): completing is CompletedRecord =>
  !(completing instanceof Promise);

/** The records as the artifact takes them. Everything that could spoil a batch is refused here, before it is in one. */
export function readRecords(spec: FeatureSpec, records: readonly ExampleRecord[], now: Date) {
  const raw = rawFromRecords(spec, records, now);
  for (const columns of [raw.categorical, raw.sequence?.categorical ?? {}]) {
    for (const [name, values] of Object.entries(columns)) {
      const index = values.findIndex((value) => value !== '' && value.includes(SEPARATOR));
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

export const isRefusal = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === 'BAD_USER_INPUT' && error.issues.length > 0;

/** A probability that is not a number must never look like an answer. */
function finite(value: number | undefined, { version }: Servable): number {
  if (value !== undefined && Number.isFinite(value)) return value;
  throw new NotFinite(`model version ${version.id} did not answer with a number`);
}
