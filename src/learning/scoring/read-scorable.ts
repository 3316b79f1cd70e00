import { rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type FeatureSpec } from '../features/feature-spec';
import { type RawExamples } from '../features/raw-examples';
import { unlabelled } from '../features/unlabelled';
import { withEntityTables } from '../preparation/entities/entity-tables';
import { type JoinedTable } from '../preparation/entities/join-sql';
import { checkLabels } from '../preparation/label-values';
import { loadRows } from '../preparation/loaded-rows';
import { markMoments } from '../preparation/mark-moments';
import { type OpenedCsv, withOpenCsv } from '../preparation/open-csv';
import { type PrepareOptions } from '../preparation/prepare-examples';
import { hasPersonal } from '../preparation/profile/withhold';
import { type CountedReason, writeQuarantine } from '../preparation/quarantine-file';
import { type CategoryForms, RawRows } from '../preparation/raw-rows';
import { readEvents } from '../preparation/read-events';
import { readTable } from '../preparation/read-table';
import { type ExampleStore } from '../preparation/store/example-store';
import { splitSubject } from '../preparation/subject-id';
import { type ScoredExample } from './scored-example';

/** Together with the rest of the process less than 2 GB, however many rows there are. */
const DEFAULT_MEMORY_MB = 896;
const DEFAULT_ROW_MEMORY_MB = 384;

export type ScorableOptions = Omit<PrepareOptions, 'seed'>;

/** Where every row of the file went: `rows = quarantined + duplicates + history + scored`. */
export interface ScorableAccounting {
  readonly rows: number;
  readonly quarantined: number;
  /** EVENTS: exact copies of an earlier event. */
  readonly duplicates: number;
  /** EVENTS: rows that are no moment of prediction, and so only history. */
  readonly history: number;
  /** EVENTS of given dates: moments that no row is, so that there may be more than rows. */
  readonly dates: number;
  readonly scored: number;
}

/** What names an example. */
export type ExampleName = Pick<ScoredExample, 'id' | 'subjectId' | 'at'>;

/** The examples of a file, to be scored: in its order (TABLE), or by subject and time (EVENTS). Labels are not read. */
export class ScorableExamples {
  private readonly raw: RawRows;

  constructor(
    private readonly store: ExampleStore,
    spec: FeatureSpec,
    readonly accounting: ScorableAccounting,
    readonly quarantine: {
      /** CSV: line, reason, text; null when there is none. */
      readonly path: string | null;
      readonly reasons: readonly CountedReason[];
    },
  ) {
    this.raw = new RawRows(store, spec);
    this.isOfEvents = spec.shape === 'EVENTS';
  }

  private readonly isOfEvents: boolean;

  get count(): number {
    return this.store.count;
  }

  /** The examples from one to before another, as the artifact takes them. */
  read(from: number, to: number): Promise<RawExamples> {
    return this.raw.read(rowsOf(from, to));
  }

  /** As {@link read}, with categories in another form. */
  readAs<Values>(from: number, to: number, forms: CategoryForms<Values>): Promise<RawExamples<Values>> {
    return this.raw.readAs(rowsOf(from, to), forms);
  }

  names(from: number, to: number): ExampleName[] {
    const { at } = this.store;
    return this.store.idsOf(rowsOf(from, to)).map((text, index) => {
      const ms = at?.[from + index];
      const moment = ms === undefined || Number.isNaN(ms) ? null : new Date(ms);
      if (!this.isOfEvents) return { id: text, subjectId: null, at: moment };
      const { id, subject } = splitSubject(text);
      return { id, subjectId: subject, at: moment };
    });
  }

  close(): void {
    this.store.close();
  }
}

/**
 * Reads a file's examples as they are scored, out of core; the same file and specification give the same examples in the
 * same order.
 * @throws AppError INVALID_DATA when the file cannot be read as the specification says; the signal's reason
 */
export async function readScorable(options: ScorableOptions): Promise<ScorableExamples> {
  const spec = unlabelled(options.spec);
  const folder = resolve(options.workDirectory);
  const opened = {
    ...options,
    spec,
    path: options.csvPath,
    memoryLimitMb: options.memoryLimitMb ?? DEFAULT_MEMORY_MB,
  };
  const keep = { folder, memoryBytes: (options.rowMemoryMb ?? DEFAULT_ROW_MEMORY_MB) * 2 ** 20 };
  const read = (tables?: readonly JoinedTable[]) =>
    withOpenCsv({ ...opened, tables }, async (csv) => {
      const loaded = await loadRows(csv.session, csv, '*');
      await markMoments(csv.session, spec, csv.plan);
      await checkLabels(csv.session, spec, csv);
      const quarantine = await quarantineOf(csv, loaded.quarantined, {
        path: join(folder, 'quarantine.csv'),
        isWithheld: hasPersonal(spec),
      });
      const source = { ...csv, keep };
      const { examples, duplicates, used, moments } = await (spec.shape === 'EVENTS'
        ? readEvents(spec, source)
        : readTable(spec, source));
      const dates = spec.momentDates ? moments : 0;
      const accounting = {
        rows: loaded.rowCount,
        quarantined: loaded.quarantined,
        duplicates,
        history: used - (moments - dates),
        dates,
        scored: examples.count,
      };
      const { rows, quarantined, history, scored } = accounting;
      if (rows !== quarantined + duplicates + history + scored - dates) {
        examples.close();
        throw new Error(`rows went missing: ${JSON.stringify(accounting)}`);
      }
      return new ScorableExamples(examples, spec, accounting, quarantine);
    });
  const { entities = [] } = options;
  return spec.entities ? withEntityTables({ ...opened, sources: entities }, read) : read();
}

async function quarantineOf(
  csv: OpenedCsv,
  count: number,
  { path, isWithheld }: { readonly path: string; readonly isWithheld: boolean },
): Promise<ScorableExamples['quarantine']> {
  if (count === 0) return { path: null, reasons: [] };
  // The opened file's own folder goes with it.
  const written = join(csv.folder, 'quarantine.csv');
  const reasons = await writeQuarantine(csv, written, { isWithheld });
  await rename(written, path);
  return { path, reasons };
}

function rowsOf(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, index) => from + index);
}
