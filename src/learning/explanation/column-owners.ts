import { type CompoundEncoder, isBagEncoder, isNumbersEncoder, numbersKind } from '../features/compound';
import { type FeatureMap } from '../features/feature-map';
import { columnsOfFeature, columnsOfField } from '../features/numeric-encoding';

/** Which feature, or field of events, each encoded column is of. */
export interface ColumnOwners {
  /** In the order of the specification. */
  readonly names: readonly string[];
  /** Of each encoded number, its owner's place among the names. */
  readonly ofNumbers: readonly number[];
  /** Of each column of ids, likewise. */
  readonly ofIds: readonly number[];
}

/** Of an example's own features. */
export function featureOwners(map: FeatureMap): ColumnOwners {
  const names = map.spec.features.map(({ name }) => name);
  const numbers = map.numeric.map((encoder) => ({ name: encoder.name, columns: columnsOfFeature(encoder) }));
  return ownersOf(names, numbers, map);
}

/** Of the fields of its events; none where there is no history. */
export function fieldOwners({ spec, sequence }: FeatureMap): ColumnOwners {
  if (!sequence) return { names: [], ofNumbers: [], ofIds: [] };
  const names = (spec.sequence?.fields ?? []).map(({ name }) => name);
  const numbers = sequence.numeric.map((encoder) => ({
    name: encoder.name,
    columns: columnsOfField(encoder),
  }));
  return ownersOf(names, numbers, sequence);
}

interface Encoders {
  readonly categorical: readonly { readonly name: string }[];
  readonly compound?: readonly CompoundEncoder[] | undefined;
}

interface Columns {
  readonly name: string;
  readonly columns: number;
}

/** Behind the numbers and the categories stand those of compound features, as `encode` puts them. */
function ownersOf(
  names: readonly string[],
  numbers: readonly Columns[],
  { categorical, compound = [] }: Encoders,
): ColumnOwners {
  const places = (all: readonly Columns[]): number[] =>
    all.flatMap(({ name, columns }) => Array<number>(columns).fill(placeOf(names, name)));
  return {
    names,
    ofNumbers: places([
      ...numbers,
      ...compound
        .filter(isNumbersEncoder)
        .map((encoder) => ({ name: encoder.name, columns: numbersKind(encoder).encodedWidth(encoder) })),
    ]),
    ofIds: places([
      ...categorical.map(({ name }) => ({ name, columns: 1 })),
      ...compound.filter(isBagEncoder).map(({ name, size }) => ({ name, columns: size })),
    ]),
  };
}

function placeOf(names: readonly string[], name: string): number {
  const place = names.indexOf(name);
  if (place < 0) throw new RangeError(`the specification lacks ${name}`);
  return place;
}
