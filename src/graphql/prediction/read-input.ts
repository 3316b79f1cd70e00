import { AppError, type Issue } from '../../errors';
import { momentColumnsOf } from '../../learning/features/derived/derive-from-request';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type ExampleRecord, type FeatureValue } from '../../learning/features/raw-from-records';
import { type FeatureValueInput } from './feature-value';
import { type HistoryEventInput } from './prediction-input';

/** A domain's input, taken apart. */
export interface InputParts {
  readonly at?: Date | null | undefined;
  /** The domain's own fields, by where they stand in the input: `''` for the input itself, `ad` for those of `ad`. */
  readonly known: Readonly<Record<string, object | null | undefined>>;
  readonly features?: readonly FeatureValueInput[] | null | undefined;
  /** Events with the domain's own fields beside `at` and `values`; looked up where there are none, not even an empty list. */
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

/**
 * Puts an input together as a specification wants it. The domain's own fields that it does not name are passed over:
 * a model that learnt from less takes the place of one that learnt from more without breaking a client.
 *
 * @throws AppError BAD_USER_INPUT when a feature is given twice, or with more than one value
 */
export function readInput({ at, known, features, history }: InputParts, spec: FeatureSpec): ReadInput {
  const issues: Issue[] = [];
  const names = namesOf(spec);
  const own = collect({ known, names: names.features, extra: features, place: 'features' }, issues);
  const events = history?.map(({ at: moment, values, ...fields }, index) => {
    const prefix = `history.${index}`;
    const source = {
      known: { [prefix]: fields },
      names: names.fields,
      extra: values,
      place: `${prefix}.values`,
    };
    return { at: moment ?? undefined, ...collect(source, issues) };
  });
  const [first] = issues;
  if (first) throw new AppError('BAD_USER_INPUT', `${first.path} ${first.message}`, issues);
  return {
    record: { at: at ?? undefined, features: own.values, history: events },
    pathOf: (path) => {
      const [, index, inEvent] = /^history\.(\d+)\.values\.(.+)$/.exec(path) ?? [];
      if (index !== undefined && inEvent !== undefined)
        return events?.[Number(index)]?.origins.get(inEvent) ?? path;
      const [, name] = /^features\.(.+)$/.exec(path) ?? [];
      return (name === undefined ? undefined : own.origins.get(name)) ?? path;
    },
  };
}

interface Source {
  readonly known: InputParts['known'];
  /** Those of `known` that are wanted. */
  readonly names: ReadonlySet<string>;
  readonly extra: readonly FeatureValueInput[] | null | undefined;
  /** Where `extra` stands in the input. */
  readonly place: string;
}

function collect({ known, names, extra, place }: Source, issues: Issue[]): Values {
  // Names come from the client: one such as __proto__ must be an unknown name like any other.
  const values = Object.create(null) as Record<string, FeatureValue>;
  const origins = new Map<string, string>();
  for (const [prefix, fields] of Object.entries(known)) {
    for (const [name, value] of Object.entries(fields ?? {}) as [string, FeatureValue][]) {
      if (value == null || !names.has(name)) continue;
      values[name] = value;
      origins.set(name, prefix === '' ? name : `${prefix}.${name}`);
    }
  }
  for (const { name, number, text, boolean, texts, numbers } of extra ?? []) {
    const path = `${place}.${name}`;
    const given = [number, text, boolean, texts, numbers].filter((value) => value != null);
    if (given.length > 1)
      issues.push({ path, message: 'has more than one value: give number, text, boolean, texts or numbers' });
    if (origins.has(name)) issues.push({ path, message: 'is given twice' });
    values[name] = given[0];
    origins.set(name, path);
  }
  return { values, origins };
}

interface Names {
  readonly features: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
}

const knownNames = new WeakMap<FeatureSpec, Names>();

/** The names that a specification gives to features and to fields of events. */
function namesOf(spec: FeatureSpec): Names {
  let names = knownNames.get(spec);
  if (!names) {
    names = {
      features: new Set([...spec.features.map(({ name }) => name), ...momentColumnsOf(spec)]),
      fields: new Set(spec.sequence?.fields.map(({ name }) => name)),
    };
    knownNames.set(spec, names);
  }
  return names;
}
