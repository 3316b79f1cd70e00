import { type ScorableAccounting } from '../../learning/scoring/read-scorable';
import { type ScoringProgress } from './batch-scoring.entity';
import { type ScoringPart } from './scoring-parts';

/** What is scored: a dataset, or stored subjects. */
export interface ScoringSource {
  /** Examples to score; null while that is not known. */
  readonly totalRows: number | null;
  /**
   * Scores what follows after what is stored, as far as a part goes; null when nothing follows. The same progress gives the
   * same part, whoever asks.
   */
  next(
    progress: ScoringProgress,
  ): Promise<{ readonly part: ScoringPart; readonly progress: ScoringProgress } | null>;
  /** Where everything went, when nothing follows any more. */
  account(progress: ScoringProgress): ScorableAccounting;
  /** A file of what was quarantined beside what the parts refuse; null when there is none. */
  readonly quarantine: {
    readonly path: string | null;
    readonly reasons: readonly { reason: string; count: number }[];
  };
  close(): void;
}
