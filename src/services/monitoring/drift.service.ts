import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../../errors';
import { type DriftReference, driftReferenceSchema } from '../../learning/drift/drift-reference';
import { driftReport, type DriftReport } from '../../learning/drift/drift-report';
import { EffectiveCount } from '../../learning/drift/effective-count';
import { LiveValues } from '../../learning/drift/live-values';
import { featureSpecSchema } from '../../learning/features/feature-spec';
import { rawFromRecords } from '../../learning/features/raw-from-records';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { ModelVersion } from '../models/model-version.entity';
import { type RecordedPrediction } from '../prediction/log/recorded-prediction';
import { RecordedPredictions } from '../prediction/log/recorded-predictions';

/** Predictions that a report is made of, at most: drawn by lot where there are more. */
export const MAX_SAMPLE = 5_000;
/** Examples that are read between two turns of the event loop. */
const BLOCK = 250;

export interface DriftRequest {
  readonly domain: string;
  /** The champion when left out. */
  readonly modelVersionId?: string | null | undefined;
  /** Answered not before. */
  readonly from: Date;
  /** Answered before. */
  readonly until: Date;
}

export interface VersionDrift {
  readonly modelVersionId: string;
  readonly from: Date;
  readonly until: Date;
  /** Recorded predictions that it is made of. */
  readonly predictions: number;
  /** Null: the version was trained before there was anything to compare with. */
  readonly report: DriftReport | null;
}

const CHAMPION = `
SELECT model_version_id AS id FROM promotions WHERE tenant_id = $1 AND kind = $2 ORDER BY sequence DESC LIMIT 1`;

/** Compares what a version was asked, said and was right about with its training. */
export class DriftService {
  private readonly predictions: RecordedPredictions;

  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly stores: ObjectStores,
  ) {
    this.predictions = new RecordedPredictions(database);
  }

  /**
   * The drift of recorded predictions of a span of time, all of them or 5,000 drawn by lot.
   * @throws AppError BAD_USER_INPUT for a span that is none; NOT_FOUND; MODEL_NOT_READY when nothing was ever promoted
   */
  async of(tenantId: string, { domain, modelVersionId, from, until }: DriftRequest): Promise<VersionDrift> {
    if (!(from < until)) {
      const message = 'must be later than from';
      throw new AppError('BAD_USER_INPUT', `The field "until" ${message}.`, [{ path: 'until', message }]);
    }
    const version = await this.database.inTenant(tenantId, (scope) => find(scope, domain, modelVersionId));
    const sample = await this.predictions.sample(tenantId, {
      ...{ modelVersionId: version.id, from, until },
      limit: MAX_SAMPLE,
    });
    const reference = await this.referenceOf(tenantId, version);
    return {
      ...{ modelVersionId: version.id, from, until },
      predictions: sample.length,
      report: reference && (await report(version, reference, sample)),
    };
  }

  private async referenceOf(tenantId: string, version: ModelVersion): Promise<DriftReference | null> {
    if (version.driftReferenceSha256 === null) return null;
    const bytes = await this.stores.forTenant(tenantId).get(version.driftReferenceSha256);
    return driftReferenceSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
  }
}

async function find(
  scope: TenantScope,
  domain: string,
  given: string | null | undefined,
): Promise<ModelVersion> {
  const id = given ?? (await scope.query<{ id: string }>(CHAMPION, [scope.tenantId, domain]))[0]?.id;
  if (id === undefined)
    throw new AppError(
      'MODEL_NOT_READY',
      `No model of ${domain} is promoted yet: train one with startTraining, then call promoteModel.`,
    );
  const version = await scope.repository(ModelVersion).getOrThrow(id);
  if (version.kind === domain) return version;
  throw new AppError('NOT_FOUND', `no model version of ${domain} has the id "${id}"`);
}

async function report(
  version: ModelVersion,
  reference: DriftReference,
  sample: readonly RecordedPrediction[],
): Promise<DriftReport> {
  const spec = featureSpecSchema.parse(version.featureSpec);
  const values = new LiveValues(spec, reference);
  for (let from = 0; from < sample.length; from += BLOCK) {
    const block = sample.slice(from, from + BLOCK);
    values.add(
      rawFromRecords(
        spec,
        block.map(({ record }) => record),
      ),
      block.map(({ subjectId }) => subjectId),
      block.map(({ probability }) => probability),
    );
    await nextTurn();
  }
  return driftReport(reference, { ...values.live(), label: outcomesOf(sample) });
}

function outcomesOf(sample: readonly RecordedPrediction[]): DriftReference['label'] {
  const known = sample.flatMap(({ id, subjectId, outcome }) =>
    outcome ? [{ key: subjectId ?? ` ${id}`, label: outcome.label }] : [],
  );
  const effective = new EffectiveCount();
  for (const { key } of known) effective.add(key);
  const positives = known.filter(({ label }) => label).length;
  return { examples: known.length, positives, effective: effective.value };
}

/** A report as it is stored. Written and read by this code alone, so that only its outline is checked. */
export const storedReport = z.custom<DriftReport>(
  (value) => typeof value === 'object' && value !== null && 'inputs' in value && 'columns' in value,
);
