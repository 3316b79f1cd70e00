import { artifactInputs } from '../../learning/export/artifact-inputs';
import { type ExampleRecord } from '../../learning/features/raw-from-records';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type SubjectHistories } from '../events/subject-histories';
import { type Answered, answerPlaces } from './answer-places';
import { type Champions } from './champions';
import { type PredictionRecord } from './complete-history';
import { type NoReasons } from './explain-examples';
import { type RecorderOptions, ScoreRecorder } from './log/score-recorder';
import { type InferencePool } from './pool/inference-pool';
import { type Question, type Readable } from './question';
import { type Reasons } from './reasons';
import { readRecords, type Score, Scorer } from './scorer';
import { type Servable, type ServingVersion } from './servable';
import { ChallengerTrials, type TrialDependencies } from './trials/challenger-trials';

export type { Answered } from './answer-places';
export type { Refusal, Score } from './scorer';

/** Answers of one model version, in the order of the records. */
export interface Predictions<Item> {
  readonly items: readonly Item[];
  readonly modelVersion: ServingVersion;
  /** Probabilities from here on mean yes. */
  readonly threshold: number;
}

export interface PredictionDependencies extends RecorderOptions {
  readonly champions: Pick<Champions, 'current'>;
  readonly pool: Pick<InferencePool, 'run'>;
  readonly histories: Pick<SubjectHistories, 'latest' | 'derived' | 'keyed' | 'dated'>;
  /** What challengers are tried out with; without it, champions answer alone. */
  readonly trials?: TrialDependencies;
}

/** Answers with the version that serves the tenant's kind. */
export class PredictionService {
  readonly #champions: PredictionDependencies['champions'];
  readonly #pool: PredictionDependencies['pool'];
  readonly #scorer: Scorer;
  readonly #trials: ChallengerTrials | null;

  constructor({ champions, pool, histories, log, onUnrecorded, trials }: PredictionDependencies) {
    this.#champions = champions;
    this.#pool = pool;
    this.#scorer = new Scorer(pool, histories, new ScoreRecorder({ log, onUnrecorded }));
    this.#trials = trials ? new ChallengerTrials(this.#scorer, trials) : null;
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
    const items = await this.#scorer.scoreAll({ kind, servable }, records);
    return { items, modelVersion: servable.version, threshold: servable.threshold };
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
    const items = predictions.items.map(async (item) =>
      Object.assign(item, { reasons: await item.explain() }),
    );
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
    question: Question<R>,
  ): Promise<Answered<R>[]> {
    const champion = await this.#champions.current(ctx.actor.tenantId, kind);
    const { challenger } = champion;
    if (challenger && this.#trials) return this.#trials.answer({ kind, champion, challenger }, question);
    const places = [...question.subjectIds.keys()];
    return answerPlaces(this.#scorer, { kind, servable: champion }, { question, places });
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
}
