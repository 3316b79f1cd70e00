import { type PredictionRole } from './log/recorded-prediction';
import { readGiven } from './read-given';
import { type Question, type Readable } from './question';
import { type Asking, type AskedRecord, type Refusal, type Score, type Scorer } from './scorer';
import { type ServingVersion } from './servable';

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

/** Some places of a question. */
export interface AskedPlaces<R extends Readable> {
  readonly question: Question<R>;
  readonly places: readonly number[];
  /** What is recorded beside the score of a place. */
  readonly marksOf?: ((place: number) => Pick<AskedRecord, 'trialId' | 'shadowOf'>) | undefined;
}

/**
 * Has a version answer some places of a question.
 * @returns what came of each place, in their order
 * @throws AppError UNAVAILABLE
 */
export async function answerPlaces<R extends Readable>(
  scorer: Scorer,
  asking: Asking,
  { question, places, marksOf }: AskedPlaces<R>,
): Promise<Answered<R>[]> {
  const { version, threshold } = asking.servable;
  const told = { modelVersion: version, servedBy: asking.role ?? 'CHAMPION', threshold } as const;
  const isSampled = question.areCandidates !== true;
  const columns = readGiven({ isSampled, ...asking }, { question, places, marksOf });
  if (columns) {
    const { read } = columns;
    return (await scorer.scoreRead(columns.asking, columns.examples)).map((item) => ({
      read,
      item,
      ...told,
    }));
  }
  const reads = question.read(asking.servable.spec, places);
  const records = reads.flatMap(({ record }, index) =>
    record ? [{ ...record, ...marksOf?.(places[index] ?? 0) }] : [],
  );
  const items = (await scorer.scoreEach({ isSampled, ...asking }, records)).values();
  return reads.map((read) => ({
    read,
    item: (read.record && items.next().value) ?? null,
    ...told,
  }));
}
