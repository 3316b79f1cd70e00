import { canonicalCategory } from '../../../learning/features/category';
import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { type ExampleRecord } from '../../../learning/features/raw-from-records';
import { type Database } from '../../../platform/persistence/database';
import { GroupCommit, type GroupCommitOptions } from './group-commit';
import { newPredictionId } from './prediction-id';
import { type ScoredExample } from './recorded-prediction';
import { encodeSnapshot } from './snapshot';
import { subjectKey } from './subject-key';

const INSERT = `
INSERT INTO predictions (tenant_id, id, domain, subject, at, model_version_id, artifact_sha256, role, shadow_of,
                         threshold, probability, logit, categories, snapshot, trial_id)
SELECT $1, row.* FROM unnest(
  $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::bytea[], $8::text[], $9::uuid[],
  $10::float8[], $11::float8[], $12::float8[], $13::jsonb[], $14::bytea[],
  $15::uuid[]) AS row`;

/** A row as it is written; the order of its columns is that of the statement. */
interface Row {
  readonly id: string;
  readonly scored: ScoredExample;
  readonly categories: string;
  readonly snapshot: Buffer;
}

/** What a row takes beside its snapshot, roughly. */
const ROW_BYTES = 300;

export type PredictionLogOptions = Pick<
  GroupCommitOptions<unknown>,
  'maxRows' | 'maxBytes' | 'maxWaitingRows' | 'maxWaitingBytes' | 'concurrency' | 'deadlineMs'
>;

/**
 * Where predictions are recorded, one row per version that scored an example. A row is committed before its id is
 * given away; rows that come at the same time are committed together.
 */
export class PredictionLog {
  private readonly commits: GroupCommit<Row>;

  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    options: PredictionLogOptions = {},
  ) {
    this.commits = new GroupCommit<Row>({
      ...options,
      commit: (tenantId, rows) => this.insert(tenantId, rows),
      bytesOf: ({ snapshot, categories }) => snapshot.length + categories.length + ROW_BYTES,
    });
  }

  /**
   * Records a scored example.
   * @returns its id, once it is committed
   * @throws AppError UNAVAILABLE when the database does not take it in time
   */
  async record(tenantId: string, scored: ScoredExample): Promise<string> {
    const id = newPredictionId();
    const { subjectId, at, example, spec } = scored;
    const record = { ...example.record, at };
    await this.commits.add(tenantId, {
      id,
      scored,
      categories: JSON.stringify(categoriesOf(spec, record)),
      snapshot: encodeSnapshot({ subjectId, record, history: example.history }, spec),
    });
    return id;
  }

  private async insert(tenantId: string, rows: readonly Row[]): Promise<void> {
    const column = (of: (row: Row) => unknown): unknown[] => rows.map(of);
    await this.database.inTenant(tenantId, (scope) =>
      scope.query(INSERT, [
        tenantId,
        column(({ id }) => id),
        column(({ scored }) => scored.domain),
        column(({ scored }) => (scored.subjectId === null ? null : subjectKey(scored.subjectId))),
        column(({ scored }) => scored.at.toISOString()),
        column(({ scored }) => scored.modelVersionId),
        column(({ scored }) => Buffer.from(scored.artifactSha256, 'hex')),
        column(({ scored }) => scored.role),
        column(({ scored }) => scored.shadowOf),
        column(({ scored }) => scored.threshold),
        column(({ scored }) => scored.probability),
        column(({ scored }) => scored.logit),
        column(({ categories }) => categories),
        column(({ snapshot }) => snapshot),
        column(({ scored }) => scored.trialId ?? null),
      ]),
    );
  }
}

/** The values of categorical features by name, for slices of the log that the database makes; missing ones are absent. */
function categoriesOf({ features }: FeatureSpec, record: ExampleRecord): Record<string, string> {
  return Object.fromEntries(
    features.flatMap(({ type, name }) => {
      const value = Object.hasOwn(record.features, name) ? record.features[name] : null;
      if (type !== 'categorical' || value == null || value === '' || typeof value === 'object') return [];
      // PostgreSQL stores no half of a surrogate pair; NUL was refused before.
      return [[name, canonicalCategory(String(value)).replace(/\p{Cs}/gu, '\ufffd')]];
    }),
  );
}
