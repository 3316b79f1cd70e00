import { rawFromGiven } from '../../learning/features/raw-from-given';
import { type RawExamples } from '../../learning/features/raw-examples';
import { type AskedPlaces } from './answer-places';
import { type HistoryUse } from './complete-history';
import { type RecordableExample } from './log/score-recorder';
import { type Readable } from './question';
import { type GivenExamples } from '../../learning/features/given-examples';
import { type Asking } from './scorer';
import { type ReadExamples, type ScoredBatch } from './row-score';

/** Places of a question that were read from what was given, without a record for each. */
export interface ReadPlaces<R extends Readable> {
  readonly asking: Asking & Pick<ScoredBatch['asked'], 'now'>;
  readonly examples: ReadExamples;
  readonly read: R;
}

/** Null where they cannot be read so, or were not given so: then it is said of each what it is, or what is wrong with it. */
export function readGiven<R extends Readable>(
  { now = new Date(), ...asking }: Asking,
  { question, places, marksOf }: AskedPlaces<R>,
): ReadPlaces<R> | null {
  if (!question.given) return null;
  const { spec } = asking.servable;
  const { examples: given, read: taken } = question.given;
  const read = (): RawExamples | null => rawFromGiven(spec, { given, places, now: now.getTime() });
  let first = read();
  if (!first) return null;
  // Read once more where it is explained.
  const raw = (): RawExamples => {
    const known = first ?? read();
    first = null;
    if (!known) throw new Error('what was read cannot be read again');
    return known;
  };
  const maxLength = spec.sequence?.maxLength ?? 0;
  const placeOf = (row: number): number => places[row] ?? 0;
  const subjectIdOf = (row: number): string | null => question.subjectIds[placeOf(row)] ?? null;
  const historyOf = (row: number): HistoryUse => useOf(given, placeOf(row), maxLength);
  const recordOf = (row: number): RecordableExample['record'] => {
    const [{ record } = {}] = question.read(spec, [placeOf(row)]);
    if (!record) throw new Error('an example was scored that cannot be read');
    return record;
  };
  const exampleOf = (row: number): RecordableExample => ({
    record: recordOf(row),
    history: historyOf(row),
    subjectId: subjectIdOf(row),
    ...marksOf?.(placeOf(row)),
  });
  return {
    asking: { ...asking, now },
    examples: { count: places.length, raw, subjectIdOf, historyOf, exampleOf },
    read: taken,
  };
}

function useOf({ events, eventsFrom, layout }: GivenExamples, place: number, maxLength: number): HistoryUse {
  const [from = 0, to = 0] = [eventsFrom[place], eventsFrom[place + 1]];
  const count = Math.min(to - from, maxLength);
  let latestMs = -Infinity;
  if (count > 0 && layout.eventAt) {
    const { slot } = layout.eventAt;
    for (let event = from; event < to; event++)
      latestMs = Math.max(latestMs, events.numbers[event * events.numberWidth + slot] ?? -Infinity);
  }
  return { source: 'GIVEN', count, latestAt: latestMs === -Infinity ? null : new Date(latestMs) };
}
