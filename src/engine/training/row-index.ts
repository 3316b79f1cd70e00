import { AppError } from '../../errors';

/** Marks fit 31 bits; beyond this they are wiped and begin again. */
const LARGEST_MARK = 2 ** 30;

/** The rows of one table that some steps in a row touch. */
export interface TouchedRows {
  /** Rows of the table, each once. */
  readonly rows: Int32Array;
  /** For each step its own rows, each once, as places in `rows`; one step after another. */
  readonly touched: Int32Array;
  /** [steps, 2]: where in `touched` a step's rows begin and end. */
  readonly bounds: Int32Array;
}

/**
 * Lists the rows that lookups in one table touch, and turns their ids into places among them.
 *
 * Two arrays mark the place that a row, and a place that a step, was given last; marks below a base that rises
 * from list to list count as none. So nothing is wiped and nothing allocated for a row: the cost is that of the
 * lookups, whatever the table's size.
 */
export class RowIndex {
  private readonly ofRow: Int32Array;
  private readonly ofPlace: Int32Array;
  private rowBase = 1;
  private placeBase = 1;
  private rows = new Int32Array(0);
  private touched = new Int32Array(0);
  private bounds: number[] = [];
  private rowCount = 0;
  private touchedCount = 0;
  /** Lookups of the last step: its marks lie less than so far above its base, also where an id was refused. */
  private marked = 0;

  /** @param count rows of the table. */
  constructor(
    private readonly table: string,
    private readonly count: number,
    private readonly largestMark = LARGEST_MARK,
  ) {
    this.ofRow = new Int32Array(count);
    this.ofPlace = new Int32Array(count);
  }

  /** How many rows the steps since the last `take` touch. */
  get size(): number {
    return this.rowCount;
  }

  /**
   * Adds a step.
   *
   * @param lookups the ids that the step looks up; replaced by places among the rows that the step touches.
   * @throws AppError INVALID_DATA for an id that is no row of the table.
   */
  addStep(lookups: readonly Int32Array[]): void {
    const { count, ofRow, ofPlace, rowBase } = this;
    const begin = this.touchedCount;
    const total = lookups.reduce((sum, ids) => sum + ids.length, 0);
    const placeBase = (this.placeBase = this.risen(ofPlace, this.placeBase + this.marked));
    this.marked = total;
    const rows = (this.rows = withRoom(this.rows, this.rowCount + total));
    const touched = (this.touched = withRoom(this.touched, begin + total));
    for (const ids of lookups)
      for (let at = 0; at < ids.length; at += 1) {
        const row = ids[at] ?? 0;
        if (row < 0 || row >= count)
          throw new AppError('INVALID_DATA', `the id ${row} is none of the ${count} rows of ${this.table}`);
        let place = (ofRow[row] ?? 0) - rowBase;
        if (place < 0) {
          place = this.rowCount;
          ofRow[row] = rowBase + place;
          rows[place] = row;
          this.rowCount += 1;
        }
        let own = (ofPlace[place] ?? 0) - placeBase;
        if (own < 0) {
          own = this.touchedCount - begin;
          ofPlace[place] = placeBase + own;
          touched[begin + own] = place;
          this.touchedCount += 1;
        }
        ids[at] = own;
      }
    this.bounds.push(begin, this.touchedCount);
  }

  /** The rows of the steps added since the last call; the next step begins a new list. */
  take(): TouchedRows {
    const rows = this.rows.slice(0, this.rowCount);
    const touched = this.touched.slice(0, this.touchedCount);
    const bounds = Int32Array.from(this.bounds);
    this.rowBase = this.risen(this.ofRow, this.rowBase + this.rowCount);
    [this.rowCount, this.touchedCount, this.bounds] = [0, 0, []];
    return { rows, touched, bounds };
  }

  /** A base for new marks; where it has grown too large, the old ones are wiped. */
  private risen(marks: Int32Array, base: number): number {
    if (base < this.largestMark) return base;
    marks.fill(0);
    return 1;
  }
}

/** A list that so many numbers fit in, with what it held. */
function withRoom(list: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (list.length >= length) return list;
  const larger = new Int32Array(Math.max(length, 2 * list.length));
  larger.set(list);
  return larger;
}
