import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors';
import { type ScoredExamples } from '../../learning/evaluation/scored-examples';
import { featureSpecSchema, type FeatureSpec } from '../../learning/features/feature-spec';
import { readColumns } from '../../learning/features/read-columns';
import { sourceOf } from '../../learning/preparation/mapping/column-mapping';
import { readScorable } from '../../learning/scoring/read-scorable';
import { unfinishedName } from '../../platform/artifacts/atomic-file';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Dataset } from '../datasets/dataset.entity';
import { Slots } from '../datasets/slots';
import { TrainingRun } from '../training/training-run.entity';
import { heldOutExamples } from './held-out-examples';
import { type ModelVersion } from './model-version.entity';
import { RecentResults } from './recent-results';

/** Examples with groups that are kept in memory for the next question about them, at most. */
const KEPT_EXAMPLES = 500_000;
const DUCKDB_MB = 256;
const ROWS_MB = 64;
const BLOCK = 4096;

/** Held-out examples with what a column of their dataset says of them. */
export interface GroupedExamples extends ScoredExamples {
  /** '' where it is missing: [N]. */
  readonly groups_N: readonly string[];
  /** Examples whose row is not in the dataset, or whose id several rows have that say different things. */
  readonly unmatched: number;
}

/**
 * Held-out examples by groups that the model knows nothing of: those of a column of the dataset that it does not read. The
 * column is read from the dataset again, and matched by the examples' ids.
 */
export class HeldOutGroupsService {
  private readonly turns = new Slots(1);
  private readonly recent = new RecentResults<GroupedExamples>(
    KEPT_EXAMPLES,
    ({ labels_N }) => labels_N.length + 1,
  );

  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
    /** For temporary files; none is left. */
    private readonly spoolDirectory: string,
  ) {}

  /** A subject was erased: what is kept of held-out examples is read again. */
  forget(): void {
    this.recent.clear();
  }

  /**
   * The test part of a version.
   * @param column of the dataset's file, by the file's own name for it
   * @throws AppError BAD_USER_INPUT at `input.column` when there is no such column, or the model reads it; CONFLICT when the
   *   examples are no rows of the dataset
   */
  async heldOut(ctx: TenantContext, version: ModelVersion, column: string): Promise<GroupedExamples> {
    const { tenantId } = ctx.actor;
    const key = JSON.stringify([tenantId, version.id, column]);
    return this.recent.get(key, () => this.turns.run(() => this.read(tenantId, version, column)));
  }

  private async read(tenantId: string, version: ModelVersion, column: string): Promise<GroupedExamples> {
    const { run, dataset } = await this.database.inTenant(tenantId, async (scope) => {
      const run = await scope.repository(TrainingRun).getOrThrow(version.runId);
      return { run, dataset: await scope.repository(Dataset).getOrThrow(run.datasetId) };
    });
    const mapping = run.mapping?.columns ?? {};
    const spec = version.featureSpec;
    checkColumn(column, {
      spec,
      dataset,
      sources: [...readColumns(spec)].map((name) => sourceOf(mapping, name)),
    });
    if (dataset.sha256 === null || spec.momentDates)
      throw new AppError(
        'CONFLICT',
        'The examples of this version are dates, not rows of its dataset, so that no column says anything of them.',
      );
    const store = this.stores.forTenant(tenantId);
    const held = await heldOutExamples(await store.localPath(version.predictionsSha256), () => () => true);
    const workDirectory = path.join(this.spoolDirectory, unfinishedName());
    await mkdir(workDirectory, { recursive: true, mode: 0o700 });
    try {
      const { idColumn } = spec;
      const groups = await groupsById(
        {
          csvPath: await store.localPath(dataset.sha256),
          format: dataset.format ?? undefined,
          spec: groupSpec(column, idColumn),
          mapping: idColumn === undefined ? {} : { [idColumn]: sourceOf(mapping, idColumn) },
          workDirectory,
          threads: 1,
          memoryLimitMb: DUCKDB_MB,
          rowMemoryMb: ROWS_MB,
        },
        new Set(held.ids),
      );
      return joined(held, groups);
    } finally {
      await rm(workDirectory, { recursive: true, force: true });
    }
  }
}

const GROUP = 'group';

/** Each row with its id and its group, and nothing else. */
function groupSpec(column: string, idColumn: string | undefined): FeatureSpec {
  return featureSpecSchema.parse({
    shape: 'TABLE',
    ...(idColumn === undefined ? {} : { idColumn }),
    // Not read: examples that are only to be scored need no label.
    label: { column: `not ${column}` },
    features: [{ type: 'categorical', name: GROUP, column }],
  });
}

function checkColumn(
  column: string,
  { spec, dataset, sources }: { spec: FeatureSpec; dataset: Dataset; sources: readonly string[] },
): void {
  const names = (dataset.columns ?? []).map(({ name }) => name);
  const unread = names.filter((name) => !sources.includes(name));
  const some = `${unread.slice(0, 10).join(', ')}${unread.length > 10 ? ' …' : ''}`;
  const others = unread.length === 0 ? 'The dataset has no other column.' : `Others are ${some}.`;
  if (spec.features.some(({ name }) => name === column) || sources.includes(column))
    throw invalid(
      `is read by the model: a group that decisions are to be fair to must be excluded from the features, so leave it out of the specification and train again. ${others}`,
    );
  if (!names.includes(column)) throw invalid(`is no column of the version's dataset. ${others}`);
}

function invalid(message: string): AppError {
  return new AppError('BAD_USER_INPUT', `input.column ${message}`, [{ path: 'input.column', message }]);
}

/** Null where rows of the same id say different things. */
async function groupsById(
  options: Parameters<typeof readScorable>[0],
  wanted: ReadonlySet<string>,
): Promise<Map<string, string | null>> {
  const groups = new Map<string, string | null>();
  const rows = await readScorable(options);
  try {
    for (let from = 0; from < rows.count; from += BLOCK) {
      const to = Math.min(rows.count, from + BLOCK);
      const values = (await rows.read(from, to)).categorical[GROUP] ?? [];
      rows.names(from, to).forEach(({ id }, index) => {
        if (!wanted.has(id)) return;
        const value = values[index] ?? '';
        const known = groups.get(id);
        groups.set(id, known === undefined || known === value ? value : null);
      });
    }
  } finally {
    rows.close();
  }
  return groups;
}

function joined(
  { ids, labels_N, probabilities_N, subjects_N }: Awaited<ReturnType<typeof heldOutExamples>>,
  groups: ReadonlyMap<string, string | null>,
): GroupedExamples {
  const found: number[] = [];
  ids.forEach((id, n) => {
    if (typeof groups.get(id) === 'string') found.push(n);
  });
  return {
    labels_N: Float32Array.from(found, (n) => labels_N[n] ?? NaN),
    probabilities_N: Float32Array.from(found, (n) => probabilities_N[n] ?? NaN),
    subjects_N: subjects_N && Int32Array.from(found, (n) => subjects_N[n] ?? 0),
    groups_N: found.map((n) => groups.get(ids[n] ?? '') ?? ''),
    unmatched: ids.length - found.length,
  };
}
