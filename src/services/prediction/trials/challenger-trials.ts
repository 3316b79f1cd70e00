import { AppError } from '../../../errors';
import { type Answered, answerPlaces } from '../answer-places';
import { type PredictionRole } from '../log/recorded-prediction';
import { type Question, type Readable } from '../question';
import { isRefusal, NotFinite, type Score, type Scorer } from '../scorer';
import { type Servable } from '../servable';
import { type Background } from './background';
import { type Choice, choiceFor, type RunningChallenger } from './running-challenger';
import { type TrialCounts, type TrialEvent } from './trial-counts';

export interface TrialDependencies {
  readonly background: Background;
  readonly counts: Pick<TrialCounts, 'add'>;
}

/** A challenger beside its champion. */
export interface Trial {
  readonly kind: string;
  readonly champion: Servable;
  readonly challenger: RunningChallenger;
}

/** A place that was answered, and counts. */
interface CountedScore {
  readonly place: number;
  readonly score: Score;
}

/**
 * Answers where a challenger is tried out. No request fails and none waits because of it: what the challenger cannot
 * answer, the champion does, and what is only compared is computed and recorded in the background.
 */
export class ChallengerTrials {
  constructor(
    private readonly scorer: Scorer,
    private readonly dependencies: TrialDependencies,
  ) {}

  /** @throws AppError UNAVAILABLE, as the champion does */
  async answer<R extends Readable>(trial: Trial, question: Question<R>): Promise<Answered<R>[]> {
    const choices = question.subjectIds.map((subjectId) => choiceFor(trial.challenger, subjectId));
    const places = [...choices.keys()];
    const tried = places.filter((place) => choices[place]?.isChallenger);
    const own = places.filter((place) => !choices[place]?.isChallenger);
    const [byChallenger, byChampion] = await Promise.all([
      tried.length > 0 ? this.byChallenger(trial, question, tried) : [],
      own.length > 0 ? this.byChampion(trial, question, { places: own, choices }) : [],
    ]);
    const answers = [
      ...tried.map((place, index) => ({ place, answer: byChallenger[index] })),
      ...own.map((place, index) => ({ place, answer: byChampion[index] })),
    ].sort((a, b) => a.place - b.place);
    return answers.flatMap(({ answer }) => (answer ? [answer] : []));
  }

  private async byChampion<R extends Readable>(
    trial: Trial,
    question: Question<R>,
    { places, choices }: { readonly places: readonly number[]; readonly choices: readonly Choice[] },
  ): Promise<Answered<R>[]> {
    const { kind, champion, challenger } = trial;
    const isCounted = (place: number): boolean => choices[place]?.isCounted === true;
    const now = new Date();
    let answers: Answered<R>[];
    try {
      answers = await answerPlaces(
        this.scorer,
        { kind, servable: champion, now },
        {
          question,
          places,
          marksOf: (place) => (isCounted(place) ? { trialId: challenger.trialId } : {}),
        },
      );
    } catch (error) {
      if (!isRefusal(error))
        this.count(trial, 'CHAMPION', eventOf(error), weight(question, places.filter(isCounted).length));
      throw error;
    }
    const counted = scoresOf(places, answers).filter(({ place }) => isCounted(place));
    this.count(trial, 'CHAMPION', 'answered', weight(question, counted.length));
    if (challenger.mode === 'SHADOW') this.shadow(trial, question, { counted, now });
    else this.record(trial, 'CHAMPION', { question, counted });
    return answers;
  }

  /** What it cannot answer, the champion does. */
  private async byChallenger<R extends Readable>(
    trial: Trial,
    question: Question<R>,
    places: readonly number[],
  ): Promise<Answered<R>[]> {
    const { kind, champion, challenger } = trial;
    const championOf = (some: readonly number[]) =>
      answerPlaces(this.scorer, { kind, servable: champion }, { question, places: some });
    let answers: Answered<R>[];
    try {
      answers = await answerPlaces(
        this.scorer,
        { kind, servable: challenger.servable, role: 'CHALLENGER' },
        { question, places, marksOf: () => ({ trialId: challenger.trialId }) },
      );
    } catch (error) {
      if (!isRefusal(error)) this.count(trial, 'CHALLENGER', eventOf(error), weight(question, places.length));
      const instead = await championOf(places);
      // What the champion refuses as well is the request's own fault.
      if (isRefusal(error))
        this.count(trial, 'CHALLENGER', 'refused', weight(question, scoresOf(places, instead).length));
      return instead;
    }
    const counted = scoresOf(places, answers);
    this.count(trial, 'CHALLENGER', 'answered', weight(question, counted.length));
    this.record(trial, 'CHALLENGER', { question, counted });
    const unanswered = places.filter((place) => counted.every((score) => score.place !== place));
    if (unanswered.length === 0) return answers;
    const instead = await championOf(unanswered);
    if (question.areCandidates !== true)
      this.count(trial, 'CHALLENGER', 'refused', scoresOf(unanswered, instead).length);
    return answers.map((answer, index) => instead[unanswered.indexOf(places[index] ?? -1)] ?? answer);
  }

  /** Records what is compared, behind the answer. Candidates are recorded only where their ids are asked for. */
  private record(
    trial: Trial,
    role: PredictionRole,
    { question, counted }: { question: Question<Readable>; counted: readonly CountedScore[] },
  ): void {
    if (question.areCandidates === true || counted.length === 0) return;
    const isBegun = this.dependencies.background.run(counted.length, async () => {
      await Promise.all(counted.map(({ score }) => score.recording.id()));
    });
    if (!isBegun) this.count(trial, role, 'dropped', counted.length);
  }

  /** Has the challenger score, behind the answer, what the champion has answered, and records both. */
  private shadow(
    trial: Trial,
    question: Question<Readable>,
    { counted, now }: { counted: readonly CountedScore[]; now: Date },
  ): void {
    const begin = (some: readonly CountedScore[]): void => {
      if (some.length === 0) return;
      const isBegun = this.dependencies.background.run(some.length, () =>
        this.scoreShadow(trial, question, { counted: some, now }),
      );
      if (!isBegun) this.count(trial, 'CHALLENGER', 'dropped', some.length);
    };
    if (question.areCandidates !== true) begin(counted);
    else for (const each of counted) each.score.recording.onRecorded(() => begin([each]));
  }

  private async scoreShadow(
    trial: Trial,
    question: Question<Readable>,
    { counted, now }: { counted: readonly CountedScore[]; now: Date },
  ): Promise<void> {
    const { kind, challenger } = trial;
    const settled = await Promise.allSettled(counted.map(({ score }) => score.recording.id()));
    const ids = new Map<number, string>();
    for (const [index, { place }] of counted.entries()) {
      const end = settled[index];
      if (end?.status === 'fulfilled') ids.set(place, end.value);
    }
    this.count(trial, 'CHALLENGER', 'dropped', counted.length - ids.size);
    const places = [...ids.keys()];
    let answers: Answered<Readable>[];
    try {
      answers = await answerPlaces(
        this.scorer,
        { kind, servable: challenger.servable, role: 'CHALLENGER', now, isSampled: false },
        {
          question,
          places,
          marksOf: (place) => ({ trialId: challenger.trialId, shadowOf: ids.get(place) ?? null }),
        },
      );
    } catch (error) {
      this.count(trial, 'CHALLENGER', eventOf(error), places.length);
      return;
    }
    const scores = scoresOf(places, answers);
    this.count(trial, 'CHALLENGER', 'answered', scores.length);
    this.count(trial, 'CHALLENGER', 'refused', places.length - scores.length);
    await Promise.all(scores.map(({ score }) => score.recording.id()));
  }

  private count({ challenger }: Trial, role: PredictionRole, event: TrialEvent, count: number): void {
    const { tenantId } = challenger.servable.artifact;
    this.dependencies.counts.add({ tenantId, trialId: challenger.trialId, role }, event, count);
  }
}

/** Candidates of one decision count once. */
function weight({ areCandidates }: Question<Readable>, places: number): number {
  return areCandidates === true ? Math.min(1, places) : places;
}

function scoresOf(places: readonly number[], answers: readonly Answered<Readable>[]): CountedScore[] {
  return answers.flatMap(({ item }, index) =>
    item && 'probability' in item ? [{ place: places[index] ?? 0, score: item }] : [],
  );
}

function eventOf(error: unknown): TrialEvent {
  if (isRefusal(error)) return 'refused';
  if (error instanceof NotFinite) return 'not_finite';
  return error instanceof AppError && error.code === 'UNAVAILABLE' ? 'timed_out' : 'failed';
}
