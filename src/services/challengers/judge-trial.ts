import {
  differenceOf,
  type MeanEstimate,
  meanOverSubjects,
  rateAtAllTimes,
  reachAtAllTimes,
  type SubjectSums,
} from '../../learning/evaluation/confidence-sequences';
import { type TrialEvent } from '../prediction/trials/trial-counts';
import {
  type BoundedFigure,
  type SideFigures,
  type TrialFigures,
  type TrialMeasure,
  type TrialVerdict,
} from './trial-figures';

export interface SideSums extends SubjectSums {
  /** Outcomes that are yes. */
  readonly positives: number;
}

/** What a trial has shown so far. */
export interface TrialEvidence {
  /** Of the log losses of each side. */
  readonly champion: SideSums;
  readonly challenger: SideSums;
  /** Of their differences, challenger less champion, where both scored the same examples. */
  readonly paired: SubjectSums | null;
  readonly counts: {
    readonly champion: Readonly<Record<TrialEvent, number>>;
    readonly challenger: Readonly<Record<TrialEvent, number>>;
  };
}

export interface TrialSettings {
  /** Of the whole challenger, over all of its trials and looks. */
  readonly alpha: number;
  /** Outcomes of each side before log losses are compared. */
  readonly minOutcomes: number;
  /** 1, 2, 3 … of the challenger. */
  readonly trialNumber: number;
}

/** Fewer subjects do not tell how much a mean varies. */
const MIN_SUBJECTS = 30;
/** The same of a label that is rare: fewer of it hide how large its losses are. */
const MIN_OF_EACH_LABEL = 50;
/** Of the figures of one side, which nothing is concluded from. */
const SHOWN_ALPHA = 0.05;
/** The bounds are narrowest at so many times the least number of outcomes. */
const TUNED_FOR = 5;

/**
 * What a trial says, at any time and as often as one likes.
 *
 * A challenger that is not worse is found worse with a probability of at most alpha, ever: trial n of a challenger has
 * alpha / (n(n + 1)) of it, and these add up to alpha; half of that is for the log loss, half for the error rate. The
 * same holds for finding one better that is not.
 */
export function judgeTrial(evidence: TrialEvidence, settings: TrialSettings): TrialFigures {
  const { minOutcomes, trialNumber } = settings;
  const alpha = settings.alpha / (trialNumber * (trialNumber + 1)) / 2;
  const tunedFor = TUNED_FOR * minOutcomes;
  const { champion, challenger, paired, counts } = evidence;
  const isEnough = [champion, challenger].every(
    ({ count, subjects, positives }) =>
      count >= minOutcomes &&
      subjects >= MIN_SUBJECTS &&
      Math.min(positives, count - positives) >= MIN_OF_EACH_LABEL,
  );
  const difference = paired
    ? meanOverSubjects(paired)
    : differenceOf(meanOverSubjects(challenger), meanOverSubjects(champion));
  const logLossDifference = isEnough ? bounded(difference, alpha, tunedFor) : null;
  const isFailing = ratesOf(counts.challenger, alpha / 2).low > ratesOf(counts.champion, alpha / 2).high;
  const because: TrialMeasure | null = isFailing
    ? 'ERROR_RATE'
    : logLossDifference && logLossDifference.low > 0
      ? 'LOG_LOSS'
      : null;
  return {
    verdict: verdictOf(because, logLossDifference),
    because,
    champion: sideOf(champion, counts.champion, tunedFor),
    challenger: sideOf(challenger, counts.challenger, tunedFor),
    logLossDifference,
  };
}

function verdictOf(because: TrialMeasure | null, difference: BoundedFigure | null): TrialVerdict {
  if (because) return 'WORSE';
  if (!difference) return 'COLLECTING';
  return difference.high < 0 ? 'BETTER' : 'UNDECIDED';
}

/** @param alpha of each of the two bounds */
function bounded(estimate: MeanEstimate, alpha: number, tunedFor: number): BoundedFigure | null {
  const reach = reachAtAllTimes(estimate, alpha, tunedFor);
  if (!Number.isFinite(reach)) return null;
  const { value } = estimate;
  return { value, low: value - reach, high: value + reach };
}

function sideOf(sums: SideSums, counts: Readonly<Record<TrialEvent, number>>, tunedFor: number): SideFigures {
  const { asked, errors } = errorsOf(counts);
  return {
    outcomes: sums.count,
    positives: sums.positives,
    subjects: sums.subjects,
    logLoss: sums.subjects < 2 ? null : bounded(meanOverSubjects(sums), SHOWN_ALPHA / 2, tunedFor),
    asked,
    errors,
    errorRate: asked === 0 ? null : { value: errors / asked, ...ratesOf(counts, SHOWN_ALPHA) },
    counts,
  };
}

function errorsOf({
  answered,
  refused,
  timed_out,
  not_finite,
  failed,
}: Readonly<Record<TrialEvent, number>>) {
  const errors = refused + timed_out + not_finite + failed;
  return { errors, asked: answered + errors };
}

function ratesOf(counts: Readonly<Record<TrialEvent, number>>, alpha: number) {
  const { errors, asked } = errorsOf(counts);
  return rateAtAllTimes(errors, asked, alpha);
}
