import { AppError, type Issue } from '../../errors';
import { momentColumnsOf } from '../../learning/features/derived/derive-from-request';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import {
  type ExampleRecord,
  type FeatureValue,
  type HistoryEvent,
} from '../../learning/features/raw-from-records';
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
  const events = history?.map((event, index) =>
    readEvent(event, { names: names.fields, place: `history.${index}` }, issues),
  );
  const [first] = issues;
  if (first) throw new AppError('BAD_USER_INPUT', `${first.path} ${first.message}`, issues);
  return {
    record: { at: at ?? undefined, features: own, history: events },
    pathOf: (path) => {
      const [, index, inEvent] = /^history\.(\d+)\.values\.(.+)$/.exec(path) ?? [];
      if (index !== undefined && inEvent !== undefined) {
        const place = `history.${index}`;
        const { values, ...fields } = history?.[Number(index)] ?? NO_EVENT;
        const source = {
          known: { [place]: fields },
          names: names.fields,
          extra: values,
          place: `${place}.values`,
        };
        return originOf(inEvent, source) ?? path;
      }
      const [, name] = /^features\.(.+)$/.exec(path) ?? [];
      if (name === undefined) return path;
      return originOf(name, { known, names: names.features, extra: features, place: 'features' }) ?? path;
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

type Values = Record<string, FeatureValue>;

const NO_EVENT: Partial<Pick<HistoryEventInput, 'at' | 'values'>> = {};

/** Names come from the client: one such as __proto__ must be an unknown name like any other. */
const NamedValues = function NamedValues() {} as unknown as new () => Values;
NamedValues.prototype = Object.create(null) as object;

function collect({ known, names, extra, place }: Source, issues: Issue[]): Values {
  const values = new NamedValues();
  for (const prefix in known) take(known[prefix], names, values);
  if (extra?.length) takeExtra(values, { extra, place }, issues);
  return values;
}

/** An event with the domain's own fields beside `at` and `values`. */
function readEvent(
  event: HistoryEventInput,
  { names, place }: Pick<Source, 'names' | 'place'>,
  issues: Issue[],
): HistoryEvent {
  const values = new NamedValues();
  take(event, names, values, isPartOfEvent);
  if (event.values?.length) takeExtra(values, { extra: event.values, place: `${place}.values` }, issues);
  return { at: event.at ?? undefined, values };
}

const isPartOfEvent = (name: string): boolean => name === 'at' || name === 'values';

/** Own fields that are wanted and have a value. */
function take(
  fields: object | null | undefined,
  names: ReadonlySet<string>,
  values: Values,
  isOther?: (name: string) => boolean,
): void {
  if (!fields) return;
  for (const name of Object.keys(fields)) {
    if (!names.has(name) || isOther?.(name) === true) continue;
    const value = (fields as Values)[name];
    if (value != null) values[name] = value;
  }
}

function takeExtra(
  values: Values,
  { extra, place }: { readonly extra: readonly FeatureValueInput[]; readonly place: string },
  issues: Issue[],
): void {
  const seen = new Set(Object.keys(values));
  for (const { name, number, text, boolean, texts, numbers } of extra) {
    const path = `${place}.${name}`;
    const given = [number, text, boolean, texts, numbers].filter((value) => value != null);
    if (given.length > 1)
      issues.push({ path, message: 'has more than one value: give number, text, boolean, texts or numbers' });
    if (seen.has(name)) issues.push({ path, message: 'is given twice' });
    seen.add(name);
    values[name] = given[0];
  }
}

/** Where a value came from. */
function originOf(name: string, { known, names, extra, place }: Source): string | undefined {
  if (extra?.some((value) => value.name === name)) return `${place}.${name}`;
  if (!names.has(name)) return undefined;
  for (const [prefix, fields] of Object.entries(known)) {
    if (fields && Object.hasOwn(fields, name) && (fields as Values)[name] != null)
      return prefix === '' ? name : `${prefix}.${name}`;
  }
  return undefined;
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
