import { type Servable } from '../servable';
import { stickyPlace } from '../sticky-share';
import { subjectKey } from '../log/subject-key';

export const CHALLENGER_MODES = ['SHADOW', 'CANARY'] as const;
export type ChallengerMode = (typeof CHALLENGER_MODES)[number];

/** A version that is tried out beside the champion. */
export interface RunningChallenger {
  readonly id: string;
  /** Under which what is recorded and counted is compared. */
  readonly trialId: string;
  readonly mode: ChallengerMode;
  /** Of the subjects, above 0 up to 1. */
  readonly share: number;
  readonly servable: Servable;
}

/** Who answers about a subject, and whether that counts in the trial. */
export interface Choice {
  readonly isChallenger: boolean;
  readonly isCounted: boolean;
}

const UNTRIED: Choice = { isChallenger: false, isCounted: false };

/**
 * Who answers about a subject: always the same while the challenger's share stays, and so in every process and query. A
 * larger share adds subjects and takes none away. Another challenger draws others.
 *
 * SHADOW: the champion; counted is a share of the subjects, and by lot that share of predictions without one. CANARY: the
 * challenger for a share of the subjects; of the others as many, or as many as there are, are counted on the champion's
 * side. Predictions without a subject are the champion's and not counted: who cannot be recognized cannot be kept at one
 * version.
 */
export function choiceFor(
  { id, mode, share }: Omit<RunningChallenger, 'servable'>,
  subjectId: string | null | undefined,
): Choice {
  if (mode === 'SHADOW') {
    const place = subjectId == null ? Math.random() : placeOf(id, subjectId);
    return { isChallenger: false, isCounted: place < share };
  }
  if (subjectId == null) return UNTRIED;
  const place = placeOf(id, subjectId);
  return { isChallenger: place < share, isCounted: place < 2 * share };
}

/** The subject as the log knows it: two names that the log cannot tell apart are one subject. */
function placeOf(challengerId: string, subjectId: string): number {
  return stickyPlace(`challenger ${challengerId}`, subjectKey(subjectId));
}
