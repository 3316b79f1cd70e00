import { AppError, type Issue } from '../../errors';
import { type ExampleRecord, type FeatureValue } from '../../learning/features/raw-from-records';
import { type FeatureValueInput } from './feature-value';
import { type HistoryEventInput } from './prediction-input';

/** A domain's input, taken apart. */
export interface InputParts {
  readonly at?: Date | null | undefined;
  /** The domain's own fields, by where they stand in the input: `''` for the input itself, `ad` for those of `ad`. */
  readonly known: Readonly<Record<string, object | null | undefined>>;
  readonly features?: readonly FeatureValueInput[] | null | undefined;
  /** Events with the domain's own fields beside `at` and `values`. */
  readonly history?: readonly HistoryEventInput[] | null | undefined;
}

/** The input as the model takes it, and the way back. */
export interface ReadInput {
  readonly record: ExampleRecord;
  /** Where in the input the value stands that the record has at a path: `features.price` → `ad.price`. */
  readonly pathOf: (recordPath: string) => string;
}

/** Names and values, and where each value came from. */
interface Values {
  readonly values: Readonly<Record<string, FeatureValue>>;
  readonly origins: ReadonlyMap<string, string>;
}

/** @throws AppError BAD_USER_INPUT when a feature is given twice, or with more than one value */
export function readInput({ at, known, features, history }: InputParts): ReadInput {
  const issues: Issue[] = [];
  const own = collect({ known, extra: features, place: 'features' }, issues);
  const events = (history ?? []).map(({ at: moment, values, ...fields }, index) => {
    const prefix = `history.${index}`;
    return {
      at: moment,
      ...collect({ known: { [prefix]: fields }, extra: values, place: `${prefix}.values` }, issues),
    };
  });
  const [first] = issues;
  if (first) throw new AppError('BAD_USER_INPUT', `${first.path} ${first.message}`, issues);
  return {
    record: { at: at ?? undefined, features: own.values, history: events },
    pathOf: (path) => {
      const [, index, inEvent] = /^history\.(\d+)\.values\.(.+)$/.exec(path) ?? [];
      if (index !== undefined && inEvent !== undefined)
        return events[Number(index)]?.origins.get(inEvent) ?? path;
      const [, name] = /^features\.(.+)$/.exec(path) ?? [];
      return (name === undefined ? undefined : own.origins.get(name)) ?? path;
    },
  };
}

interface Source {
  readonly known: InputParts['known'];
  readonly extra: readonly FeatureValueInput[] | null | undefined;
  /** Where `extra` stands in the input. */
  readonly place: string;
}

function collect({ known, extra, place }: Source, issues: Issue[]): Values {
  // Names come from the client: one such as __proto__ must be an unknown name like any other.
  const values = Object.create(null) as Record<string, FeatureValue>;
  const origins = new Map<string, string>();
  for (const [prefix, fields] of Object.entries(known)) {
    for (const [name, value] of Object.entries(fields ?? {}) as [string, FeatureValue][]) {
      // A field that is left out is no feature; the specification need not know it.
      if (value == null) continue;
      values[name] = value;
      origins.set(name, prefix === '' ? name : `${prefix}.${name}`);
    }
  }
  for (const { name, number, text, boolean } of extra ?? []) {
    const path = `${place}.${name}`;
    const given = [number, text, boolean].filter((value) => value != null);
    if (given.length > 1)
      issues.push({ path, message: 'has more than one value: give number, text or boolean' });
    if (origins.has(name)) issues.push({ path, message: 'is given twice' });
    values[name] = given[0];
    origins.set(name, path);
  }
  return { values, origins };
}
