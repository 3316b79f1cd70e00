import { type Categories, type CategoryForm } from './category-form';
import { bagKind, type CompoundFeature, isBag, numbersKind, rawWidth } from '../features/compound';
import { type CompoundColumn, contentAt, isCoded } from './compound-columns';

/** Visits rows of columns: which row, the place that it goes to, and the moment of prediction that sees it. */
export type Visit = (each: (row: number, place: number, at: number) => void) => void;

/** Where the rows of columns go. */
export interface Places {
  readonly visit: Visit;
  /** How many there are. */
  readonly places: number;
}

/** The raw values of the compound features that are numbers, by name: [places, width]. Columns in the features' order. */
export function rawNumbers(
  features: readonly CompoundFeature[],
  columns: readonly CompoundColumn[],
  { visit, places }: Places,
): Record<string, Float32Array> {
  const numbers: Record<string, Float32Array> = {};
  for (const [index, feature] of features.entries()) {
    const column = columns[index];
    if (isBag(feature) || !column || isCoded(column)) continue;
    const kind = numbersKind(feature);
    const width = kind.width(feature);
    const into = new Float32Array(places * width).fill(NaN);
    visit((row, place, at) => {
      kind.write(feature, contentAt(column, row), at, { into, offset: place * width });
    });
    numbers[feature.name] = into;
  }
  return numbers;
}

/** The raw categories of the compound features that are bags, by name: [places, slots]. Columns in the features' order. */
export function rawBags<Values>(
  features: readonly CompoundFeature[],
  columns: readonly CompoundColumn[],
  { visit, places, ...form }: Places & CategoryForm<Values>,
): Record<string, Values> {
  const bags: Record<string, Values> = {};
  for (const [index, feature] of features.entries()) {
    const column = columns[index];
    if (!isBag(feature) || !column || !isCoded(column)) continue;
    const width = rawWidth(feature);
    const slots: Categories<Values> = form.categories(feature, places * width);
    visit((row, place) => {
      const cell = column.dictionary[column.codes[row] ?? 0] ?? '';
      const categories = bagKind(feature).parse(feature, cell);
      categories.forEach((category, slot) => slots.write(place * width + slot, category));
    });
    bags[feature.name] = slots.values;
  }
  return bags;
}
