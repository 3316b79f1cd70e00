import { type RateInterval, rateInterval } from '../../learning/evaluation/rate-intervals';
import { type RawExamples } from '../../learning/features/raw-examples';
import { type ExampleRecord } from '../../learning/features/raw-from-records';
import { type HistoryUse } from './complete-history';
import { type NoReasons } from './explain-examples';
import { type RecordableExample, type ScoredBy, type ScoreRecorder } from './log/score-recorder';
import { type Recording } from './log/recording';
import { type Reasons } from './reasons';
import { type Score } from './scorer';

/** Examples that were read, by row. What is not asked for is not made. */
export interface ReadExamples {
  readonly count: number;
  /** Reads them, each time: while they are scored nothing is kept that may never be asked for. */
  readonly raw: () => RawExamples;
  readonly subjectIdOf: (row: number) => string | null;
  readonly historyOf: (row: number) => HistoryUse;
  readonly exampleOf: (row: number) => RecordableExample;
}

/** What the scores of examples that were scored together have in common. */
export interface ScoredBatch {
  readonly asked: ScoredBy;
  readonly examples: ReadExamples;
  readonly explain: (row: number) => Promise<Reasons | NoReasons>;
  readonly recorder: ScoreRecorder;
}

/** The score of one row: everything beside its numbers is made when it is asked for. */
export class RowScore implements Score {
  private made: Recording | null = null;

  constructor(
    private readonly batch: ScoredBatch,
    private readonly row: number,
    readonly probability: number,
    readonly logit: number,
  ) {}

  get history(): HistoryUse {
    return this.batch.examples.historyOf(this.row);
  }

  get interval(): RateInterval | null {
    const { rateIntervals } = this.batch.asked.servable;
    return rateIntervals ? rateInterval(rateIntervals, this.probability) : null;
  }

  get record(): ExampleRecord {
    return this.batch.examples.exampleOf(this.row).record;
  }

  /** Always the same: it is recorded once. */
  get recording(): Recording {
    const { recorder, asked, examples } = this.batch;
    return (this.made ??= recorder.recording(asked, () => examples.exampleOf(this.row), this));
  }

  explain(): Promise<Reasons | NoReasons> {
    return this.batch.explain(this.row);
  }
}
