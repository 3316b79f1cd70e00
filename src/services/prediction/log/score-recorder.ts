import { AppError } from '../../../errors';
import { type CompletedRecord } from '../complete-history';
import { type Servable } from '../servable';
import { isInShare } from '../sticky-share';
import { type PredictionLog } from './prediction-log';
import { type PredictionRole } from './recorded-prediction';
import { Recording } from './recording';

/** An example as it was scored. */
export interface RecordableExample extends CompletedRecord {
  readonly subjectId: string | null;
  /** The trial of a challenger that it counts in. */
  readonly trialId?: string | null;
  /** Of a score that is not shown: the id of the prediction that is. */
  readonly shadowOf?: string | null;
}

/** Of which domain the examples are, and which version scored them when. */
export interface ScoredBy {
  readonly kind: string;
  readonly servable: Servable;
  /** The moment of records without one. */
  readonly now: Date;
  /** CHAMPION when left out. */
  readonly role?: PredictionRole;
}

export interface RecorderOptions {
  /** Absent: nothing is recorded, and nothing has an id. */
  readonly log?: Pick<PredictionLog, 'record'> | undefined;
  /** Told of what was to be recorded without being asked for, and could not be. */
  readonly onUnrecorded?: ((error: unknown, tenantId: string, kind: string) => void) | undefined;
}

/** Decides which scores are recorded: those whose id is asked for, and the share that the tenant wants anyway. */
export class ScoreRecorder {
  constructor(private readonly options: RecorderOptions) {}

  /** The way to a score's id: it is recorded when it is asked for. */
  recording(
    { kind, servable, now, role = 'CHAMPION' }: ScoredBy,
    exampleOf: () => RecordableExample,
    { probability, logit }: { readonly probability: number; readonly logit: number },
  ): Recording {
    const { log } = this.options;
    return new Recording(() => {
      const { version, artifact, spec, threshold } = servable;
      const { subjectId, record, history, trialId = null, shadowOf = null } = exampleOf();
      if (!log) return Promise.reject(new AppError('UNAVAILABLE', 'predictions are not recorded here'));
      return log.record(artifact.tenantId, {
        domain: kind,
        subjectId,
        at: record.at ?? now,
        example: { record, history },
        spec,
        modelVersionId: version.id,
        artifactSha256: artifact.sha256,
        ...{ role, shadowOf, trialId, threshold, probability, logit },
      });
    });
  }

  /** Records what the tenant wants recorded anyway. An answer that promises no id does not fail when that fails. */
  async recordShare(
    { kind, servable }: ScoredBy,
    subjectIdOf: (row: number) => string | null,
    scores: readonly { readonly recording: Recording }[],
  ): Promise<void> {
    const share = servable.recordShare ?? 0;
    if (share <= 0) return;
    const { tenantId } = servable.artifact;
    const drawn = scores.filter((_score, row) =>
      isInShare(`record ${tenantId} ${kind}`, subjectIdOf(row), share),
    );
    const ends = await Promise.allSettled(drawn.map(({ recording }) => recording.id()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) this.options.onUnrecorded?.(failed.reason, tenantId, kind);
  }
}
