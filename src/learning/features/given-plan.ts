import { isCompound, rawWidth } from './compound';
import { derivedFeatures } from './derived/read-derived';
import { type FeatureSpec, holdsCategories, type SequenceField, type StaticFeature } from './feature-spec';
import { type GivenColumns, type GivenLayout } from './given-examples';
import { type CyclicPart } from './moment';

/** How the values of a feature or field come about: from a slot, or from moments; what no slot holds is missing. */
export interface ColumnPlan {
  readonly name: string;
  readonly read: 'number' | 'category' | 'elapsed' | 'no number' | 'no category' | CyclicPart;
  readonly slot: number;
  /** Raw values of one example or event. */
  readonly width: number;
}

interface RowPlan {
  /** Where the moment is. */
  readonly at: number;
  readonly columns: readonly ColumnPlan[];
  /** Numbers of one example or event, in all columns. */
  readonly numbers: number;
}

/** What a layout's columns are to a specification. */
export interface GivenPlan extends RowPlan {
  readonly sequence: (RowPlan & { readonly maxLength: number }) | null;
}

const plans = new WeakMap<FeatureSpec, WeakMap<GivenLayout, GivenPlan | null>>();

/** Null where a specification reads anything else of it than numbers, categories and moments. */
export function givenPlan(spec: FeatureSpec, layout: GivenLayout): GivenPlan | null {
  let known = plans.get(spec);
  if (!known) plans.set(spec, (known = new WeakMap<GivenLayout, GivenPlan | null>()));
  let plan = known.get(layout);
  if (plan === undefined) known.set(layout, (plan = made(spec, layout)));
  return plan;
}

function made(spec: FeatureSpec, { at, features, eventAt, fields }: GivenLayout): GivenPlan | null {
  if (derivedFeatures(spec).length > 0) return null;
  const own = rowPlan(spec.features, { columns: features, at: at.slot });
  if (!own) return null;
  if (!spec.sequence) return { ...own, sequence: null };
  const { maxLength } = spec.sequence;
  const ofEvents = eventAt && rowPlan(spec.sequence.fields, { columns: fields, at: eventAt.slot });
  return ofEvents && spec.shape === 'EVENTS' ? { ...own, sequence: { ...ofEvents, maxLength } } : null;
}

function rowPlan(
  features: readonly (StaticFeature | SequenceField)[],
  { columns: given, at }: { readonly columns: GivenColumns; readonly at: number },
): RowPlan | null {
  const found = features.map((feature) => columnPlan(feature, given));
  const columns = found.filter((column) => column !== null);
  if (columns.length < found.length) return null;
  const numeric = columns.filter(({ read }) => read !== 'category' && read !== 'no category');
  return { at, columns, numbers: numeric.reduce((sum, { width }) => sum + width, 0) };
}

function columnPlan(feature: StaticFeature | SequenceField, given: GivenColumns): ColumnPlan | null {
  const { name } = feature;
  const column = given.get(name);
  const slot = column?.slot ?? 0;
  const width = isCompound(feature) ? rawWidth(feature) : 1;
  const isText = holdsCategories(feature);
  // What is computed is not given: then it is refused.
  if (feature.type === 'cyclic') return column ? null : { name, read: feature.part, slot, width };
  if (feature.type === 'elapsed') return column ? null : { name, read: 'elapsed', slot, width };
  if (!column) return { name, read: isText ? 'no category' : 'no number', slot, width };
  if (isCompound(feature) || feature.type === 'derived' || isText !== (column.holds === 'text')) return null;
  return { name, read: isText ? 'category' : 'number', slot, width };
}
