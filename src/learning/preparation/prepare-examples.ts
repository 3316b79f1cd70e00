import { resolve } from 'node:path';
import { type FeatureSpec } from '../features/feature-spec';
import { cleanRows, type LeftOutRows } from './cleaning/clean-rows';
import { countMended } from './cleaning/count-mended';
import { countMatches, type EntityAccounting } from './entities/count-matches';
import { type EntitySource, type LoadedEntity, withEntityTables } from './entities/entity-tables';
import { ExamplePart } from './example-part';
import { fitFeatureMap } from './fit-feature-map';
import { type DeclaredFormat } from './formats/file-format';
import { checkLabels } from './label-values';
import { countLaterMoments } from './later-moments';
import { type LoadedRows, loadRows } from './loaded-rows';
import { markMoments } from './mark-moments';
import { type ColumnMapping } from './mapping/column-mapping';
import { withOpenCsv } from './open-csv';
import { type PreparedExamples, type RowAccounting } from './prepared-examples';
import { readEvents } from './read-events';
import { type ReadExamples, readTable } from './read-table';
import { type Split, splitExamples } from './split/split-examples';
import { summarizeSplit } from './split/split-summary';

export type { PreparedExamples, PreparedPart, RowAccounting } from './prepared-examples';

export interface PrepareOptions {
  /** The file, of any format that is read. */
  readonly csvPath: string;
  /** As inspection found it out, so that it is read the same way again. */
  readonly format?: DeclaredFormat | undefined;
  readonly spec: FeatureSpec;
  /** Where the spec's columns are in the file, if not under their names. */
  readonly mapping?: ColumnMapping | undefined;
  /** The files of the spec's entities. */
  readonly entities?: readonly EntitySource[] | undefined;
  /** When the file came; now unless given. What happened more than a day later is set aside. */
  readonly receivedAt?: Date | undefined;
  /** An existing folder for temporary files; none is left when this returns. */
  readonly workDirectory: string;
  /** Of what is random in the split, where the spec gives no other. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** DuckDB's own memory, in MB, 896 unless given; more spills to the work directory. */
  readonly memoryLimitMb?: number | undefined;
  readonly threads?: number | undefined;
  /** Of examples and events, in MB, 384 unless given; more is kept in files. */
  readonly rowMemoryMb?: number | undefined;
}

/** Together with the rest of the process less than 2 GB, however many events there are. */
const DEFAULT_MEMORY_MB = 896;
const DEFAULT_ROW_MEMORY_MB = 384;

/**
 * From an uploaded file to split and encoded examples, held in memory as far as it goes and in files beyond.
 *
 * The same file, spec and seed give the same examples, parts and feature map.
 * @throws AppError INVALID_DATA when the file cannot be trained on; the message says what and where.
 *   The signal's reason when it is aborted.
 */
export async function prepareExamples(options: PrepareOptions): Promise<PreparedExamples> {
  const { spec } = options;
  const keep = {
    folder: resolve(options.workDirectory),
    memoryBytes: (options.rowMemoryMb ?? DEFAULT_ROW_MEMORY_MB) * 2 ** 20,
  };
  const memoryLimitMb = options.memoryLimitMb ?? DEFAULT_MEMORY_MB;
  const opened = { ...options, path: options.csvPath, memoryLimitMb };
  const { loaded, leftOut, read } = await withTables(opened, (tables) =>
    withOpenCsv({ ...opened, tables }, async (csv) => {
      const loaded = await loadRows(csv.session, csv, '*');
      const leftOut = await cleanRows(csv.session, spec);
      const entities = tables && (await countMatches(csv.session, csv, tables));
      await markMoments(csv.session, spec, csv.plan);
      const mended = await countMended(csv.session, spec, csv.plan);
      await checkLabels(csv.session, spec, csv);
      const source = { ...csv, keep };
      const read = await (spec.shape === 'EVENTS' ? readEvents(spec, source) : readTable(spec, source));
      return { loaded, leftOut: { ...leftOut, mended, entities }, read };
    }),
  );
  const { examples } = read;
  try {
    const split = await splitExamples(examples, spec, options.seed);
    const parts = [split.train, split.validation, split.test];
    const laterMoments = await countLaterMoments(spec, examples, parts);
    const accounting = { ...account(loaded, leftOut, { read, split }), laterMoments };
    const featureMap = await fitFeatureMap(spec, examples, split.train);
    const part = (rows: Int32Array) => new ExamplePart(examples, featureMap, rows);
    return {
      counts: { train: split.train.length, validation: split.validation.length, test: split.test.length },
      accounting,
      split: summarizeSplit(examples, split, spec),
      quarantined: loaded.quarantined,
      featureMap,
      train: part(split.train),
      validation: part(split.validation),
      test: part(split.test),
      close: () => {
        examples.close();
        return Promise.resolve();
      },
    };
  } catch (error) {
    examples.close();
    throw error;
  }
}

/** With the tables of the spec's entities; without any, where it has none. */
function withTables<T>(
  { entities = [], ...options }: PrepareOptions,
  work: (tables: readonly LoadedEntity[] | undefined) => Promise<T>,
): Promise<T> {
  return options.spec.entities ? withEntityTables({ ...options, sources: entities }, work) : work(undefined);
}

function account(
  loaded: LoadedRows,
  cleaned: LeftOutRows & {
    readonly mended: number;
    readonly entities: readonly EntityAccounting[] | undefined;
  },
  { read, split }: { read: ReadExamples; split: Split },
): Omit<RowAccounting, 'laterMoments'> {
  const accounting = {
    rows: loaded.rowCount,
    quarantined: loaded.quarantined,
    later: cleaned.later,
    duplicates: cleaned.duplicates + read.duplicates,
    mended: cleaned.mended,
    used: read.used,
    moments: read.moments,
    censored: read.censored,
    embargoed: split.embargoed,
    unassigned: split.unassigned,
    examples: split.train.length + split.validation.length + split.test.length,
    ...(cleaned.entities && { entities: cleaned.entities }),
  };
  const { rows, quarantined, later, duplicates, used, moments, censored, embargoed, unassigned, examples } =
    accounting;
  const leftOut = censored + embargoed + unassigned;
  const readable = rows - quarantined - later - cleaned.duplicates;
  const isJoined = (cleaned.entities ?? []).every(
    ({ matched, unmatched, withoutKey }) => matched + unmatched + withoutKey === readable,
  );
  if (rows !== quarantined + later + duplicates + used || moments !== leftOut + examples || !isJoined)
    throw new Error(`rows went missing: ${JSON.stringify(accounting)}`);
  return accounting;
}
