import { type DuckDbSession } from '../duckdb-session';
import { type Frame, type Measure } from './derived-sql';

/** The measures of the events that share one key. */
export interface MeasureTable {
  readonly name: string;
  /** The key's columns, in SQL. */
  readonly key: readonly string[];
  readonly frames: readonly Frame[];
  /** Column `m<i>` is the i-th. */
  readonly measures: ReadonlyArray<{ readonly frame: number; readonly sql: Measure['sql'] }>;
}

/** Gathers measures by their key, each once, so that a key's events are sorted once. */
export class MeasureTables {
  private readonly tables = new Map<string, TableDraft>();

  constructor(private readonly columnOf: (name: string) => string) {}

  /** @returns SQL for the measure of a row that is joined with all tables */
  add({ by, frame, sql }: Measure): string {
    const key = by.map(this.columnOf);
    const id = key.join();
    const table = this.tables.get(id) ?? new TableDraft(`measures${this.tables.size}`, key);
    this.tables.set(id, table);
    return `${table.name}.m${table.add(frame, sql)}`;
  }

  get all(): MeasureTable[] {
    return [...this.tables.values()];
  }
}

class TableDraft implements MeasureTable {
  readonly frames: Frame[] = [];
  readonly measures: Array<{ readonly frame: number; readonly sql: Measure['sql'] }> = [];

  constructor(
    readonly name: string,
    readonly key: readonly string[],
  ) {}

  /** @returns the measure's number; an equal one has the same */
  add(frame: Frame, sql: Measure['sql']): number {
    const frameNumber = numberOf(
      this.frames,
      frame,
      (known) => known.from === frame.from && known.until === frame.until,
    );
    const measure = { frame: frameNumber, sql };
    return numberOf(
      this.measures,
      measure,
      (known) => known.frame === frameNumber && known.sql('w') === sql('w'),
    );
  }
}

/** Where the item is, after it was added unless it is there. */
function numberOf<T>(items: T[], item: T, isSame: (known: T) => boolean): number {
  const index = items.findIndex(isSame);
  return index >= 0 ? index : items.push(item) - 1;
}

/**
 * Creates a table of measures of the table `timeline`: `rid` of each moment of prediction, and `m0`, `m1`….
 *
 * Point-in-time correctness lives here: the events of a key are numbered in time order, and a frame ends before the
 * first event of the moment's own timestamp. What a frame starts and ends with is known as a number (an ASOF join finds
 * it where it is not the moment itself), because frames of numbers take n·log n, while DuckDB looks for the bounds of
 * frames of moments, and for what they exclude, event by event: a large key would take n².
 */
export async function createMeasures(session: DuckDbSession, table: MeasureTable): Promise<void> {
  const { name, key } = table;
  const partition = key.length > 0 ? `PARTITION BY ${key.join(', ')}` : '';
  const isGiven = key.map((column) => `${column} IS NOT NULL`).join(' AND ') || 'true';
  const numbered = `SELECT *, row_number() OVER (${partition} ORDER BY us, rid) AS place,
      rank() OVER (${partition} ORDER BY us) - 1 AS before
    FROM timeline WHERE ${isGiven}`;
  await session.run(`CREATE TABLE numbered AS ${numbered}`);

  const bounds = [
    ...new Set(table.frames.flatMap(({ from, until }) => [from, until].filter((sql) => sql !== null))),
  ];
  await session.run(
    `CREATE TABLE last_places AS SELECT ${[...key, 'us'].join(', ')}, max(place) AS place FROM numbered GROUP BY ALL`,
  );
  const joins = bounds.map((_, i) => {
    const sameKey = key.map((column) => `n.${column} = b${i}.${column} AND`).join(' ');
    return `ASOF LEFT JOIN last_places b${i} ON ${sameKey} n.bound${i} > b${i}.us`;
  });
  const moments = bounds.map((bound, i) => `${bound} AS bound${i}`);
  const places = bounds.map((_, i) => `coalesce(b${i}.place, 0) AS place${i}`);
  const placed = `SELECT ${['n.*', ...places].join(', ')}
    FROM (SELECT ${['*', ...moments].join(', ')} FROM numbered) n ${joins.join(' ')}`;

  const placeOf = (bound: string | null, otherwise: string) =>
    bound === null ? otherwise : `place${bounds.indexOf(bound)}`;
  const windows = table.frames.map(({ from, until }, i) => {
    const start = from === null ? 'UNBOUNDED' : `place - ${placeOf(from, '')} - 1`;
    const end = `place - ${placeOf(until, 'before')}`;
    return `w${i} AS (${partition} ORDER BY us, rid ROWS BETWEEN ${start} PRECEDING AND ${end} PRECEDING)`;
  });
  const measures = table.measures.map(({ frame, sql }, i) => `${sql(`w${frame}`)} AS m${i}`);
  const kept = measures.map((_, i) => `m${i}`);
  await session.run(
    `CREATE TABLE ${name} AS SELECT ${['rid', ...kept].join(', ')} FROM (
       SELECT ${['rid', 'moment', ...measures].join(', ')} FROM (${placed}) WINDOW ${windows.join(', ')}
     ) WHERE moment`,
  );
  await session.run('DROP TABLE numbered');
  await session.run('DROP TABLE last_places');
}
