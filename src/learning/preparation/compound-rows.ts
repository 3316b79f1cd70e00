import {
  type BagFeature,
  bagKind,
  type CompoundEncoder,
  type CompoundFeature,
  isBag,
  isBagEncoder,
  isNumbersEncoder,
  numbersKind,
} from '../features/compound';
import { bagIds, type EncodedAt } from '../features/compound/encode-compound';
import { type Visit } from './compound-raw';
import { type CompoundColumn, contentAt, isCoded } from './compound-columns';

/** A compound feature and what was fitted to it. */
interface Entry {
  readonly feature: CompoundFeature;
  readonly encoder: CompoundEncoder;
}

/** The compound features of examples, or of events, as they are encoded from their columns. */
export class CompoundRows {
  private readonly entries: readonly Entry[];
  private readonly bagTables: ReadonlyMap<string, BagTable>;

  /**
   * All in spec order.
   * @param dictionaries of those whose cells are texts
   */
  constructor(
    features: readonly CompoundFeature[],
    dictionaries: ReadonlyArray<readonly string[] | null>,
    encoders: readonly CompoundEncoder[] = [],
  ) {
    this.entries = features.map((feature, index) => {
      const encoder = encoders[index];
      if (!encoder) throw new Error(`nothing was fitted for ${feature.name}`);
      return { feature, encoder };
    });
    this.bagTables = new Map(
      this.entries.flatMap(({ feature, encoder }, index) =>
        isBag(feature) && isBagEncoder(encoder)
          ? [[feature.name, bagTable(dictionaries[index] ?? [''], feature, encoder.vocabulary)]]
          : [],
      ),
    );
  }

  encodeNumbers(
    columns: readonly CompoundColumn[],
    visit: Visit,
    { into, width, first }: EncodedAt<Float32Array>,
  ): void {
    let start = first;
    for (const [index, { feature, encoder }] of this.entries.entries()) {
      const column = columns[index];
      if (isBag(feature) || !column || isCoded(column) || !isNumbersEncoder(encoder)) continue;
      const kind = numbersKind(feature);
      const raw = { into: new Float32Array(kind.width(feature)), offset: 0 };
      visit((row, place, at) => {
        raw.into.fill(NaN);
        kind.write(feature, contentAt(column, row), at, raw);
        kind.encode(encoder, raw, { into, offset: place * width + start });
      });
      start += kind.encodedWidth(encoder);
    }
  }

  encodeBags(
    columns: readonly CompoundColumn[],
    visit: Visit,
    { into, width, first }: EncodedAt<Int32Array>,
  ): void {
    let start = first;
    for (const [index, { encoder }] of this.entries.entries()) {
      const column = columns[index];
      const table = this.bagTables.get(encoder.name);
      if (!table || !column || !isCoded(column) || !isBagEncoder(encoder)) continue;
      visit((row, place) => {
        const code = column.codes[row] ?? 0;
        const from = table.offsets[code] ?? 0;
        const to = table.offsets[code + 1] ?? from;
        into.set(table.ids.subarray(from, to), place * width + start);
      });
      start += encoder.size;
    }
  }
}

/** The ids of each text of a dictionary, one after another: those of code c are in [offsets[c], offsets[c + 1]). */
interface BagTable {
  readonly offsets: Int32Array;
  readonly ids: Int32Array;
}

/** By vocabulary: the parts of a data set share one table. */
const tables = new WeakMap<readonly string[], BagTable>();

function bagTable(
  dictionary: readonly string[],
  feature: BagFeature,
  vocabulary: readonly string[],
): BagTable {
  const known = tables.get(vocabulary);
  if (known) return known;
  const idOf = bagIds(vocabulary);
  const offsets = new Int32Array(dictionary.length + 1);
  let ids = new Int32Array(dictionary.length);
  let count = 0;
  dictionary.forEach((cell, code) => {
    const categories = bagKind(feature).parse(feature, cell);
    if (count + categories.length > ids.length) {
      const larger = new Int32Array(2 * (count + categories.length));
      larger.set(ids);
      ids = larger;
    }
    for (const category of categories) ids[count++] = idOf(category);
    offsets[code + 1] = count;
  });
  const table = { offsets, ids: ids.slice(0, count) };
  tables.set(vocabulary, table);
  return table;
}
