import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type GivenExamples } from '../../learning/features/given-examples';
import { type PredictionRecord } from './complete-history';

/** An input as a version takes it; without a record when it cannot take it. */
export interface Readable {
  readonly record?: PredictionRecord | undefined;
}

/** What is asked about, before it is known which version answers. */
export interface Question<R extends Readable> {
  /** Whom each place is about: that decides which version answers it. */
  readonly subjectIds: readonly (string | null | undefined)[];
  /**
   * The inputs at some of the places, in their order, for a version with this specification. It changes nothing, because
   * several versions may ask for the same place.
   */
  readonly read: (spec: FeatureSpec, places: readonly number[]) => readonly R[];
  /**
   * The places are what one decision chooses among: recorded are those alone whose id is asked for, since most of them
   * are never shown and have no outcome.
   */
  readonly areCandidates?: boolean;
  /**
   * The inputs as they were given, beside `read`, which is asked for the places that cannot be read from them, and for
   * those of which more is wanted than their scores.
   */
  readonly given?: GivenInputs<R> | null;
}

export interface GivenInputs<R extends Readable> {
  readonly examples: GivenExamples;
  /** In the place of what `read` says, of places that are scored without it. */
  readonly read: R;
}

/** Asks about records that are the same for every version. */
export function questionOf(
  records: readonly PredictionRecord[],
): Question<{ readonly record: PredictionRecord }> {
  return {
    subjectIds: records.map(({ subjectId }) => subjectId),
    read: (_spec, places) =>
      places.flatMap((place) => {
        const record = records[place];
        return record ? [{ record }] : [];
      }),
  };
}
