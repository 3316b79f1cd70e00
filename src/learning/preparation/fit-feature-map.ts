import { categoryCleaner } from '../features/cleaning';
import { type CategoricalEncoder, FEATURE_MAP_VERSION, type FeatureMap } from '../features/feature-map';
import { type FeatureSpec, type StaticFeature } from '../features/feature-spec';
import { CYCLE_PERIOD } from '../features/moment';
import { fitNumeric } from './fit-numeric';
import { type CodeCounts, ExampleSample, sampleEvents } from './fit-samples';
import { type ExampleStore } from './store/example-store';

/** The unknown bucket needs examples to learn from: categories that are rarer than this share fall into it. */
const RARE_CATEGORY_SHARE = 1 / 1000;
const MAX_RARE_COUNT = 5;

/**
 * Fits normalization and vocabularies on the training part and nothing else: on the rows in `train`, and on the events
 * that at least one of their histories holds, each counted once.
 */
export async function fitFeatureMap(
  spec: FeatureSpec,
  store: ExampleStore,
  train: Int32Array,
): Promise<FeatureMap> {
  const valueFeatures = spec.features.filter((feature) => feature.type !== 'categorical');
  const categoricalFeatures = spec.features.filter((feature) => feature.type === 'categorical');
  const sample = new ExampleSample(store, train);
  const numeric: FeatureMap['numeric'] = [];
  for (const [f, feature] of valueFeatures.entries())
    numeric.push(
      feature.type === 'cyclic'
        ? { type: 'cyclic', name: feature.name, period: CYCLE_PERIOD[feature.part] }
        : fitNumeric(feature, await sample.numbers(f)),
    );
  const codes = await sample.codes();
  const map: FeatureMap = {
    version: FEATURE_MAP_VERSION,
    spec,
    numeric,
    categorical: categoricalFeatures.map((feature, c) => fitVocabulary(feature, codes[c])),
  };
  if (!spec.sequence) return map;
  return { ...map, sequence: await fitSequence(spec.sequence, store, train) };
}

async function fitSequence(
  spec: NonNullable<FeatureSpec['sequence']>,
  store: ExampleStore,
  train: Int32Array,
): Promise<NonNullable<FeatureMap['sequence']>> {
  const { numbers, codes, elapsed } = await sampleEvents(store, train);
  const valueFields = spec.fields.filter((field) => field.type !== 'categorical');
  const categoricalFields = spec.fields.filter((field) => field.type === 'categorical');
  return {
    maxLength: spec.maxLength,
    numeric: valueFields.map((field, s) =>
      field.type === 'elapsed'
        ? fitNumeric({ ...field, transform: 'log1p', encoding: 'standard' }, elapsed)
        : fitNumeric(field, numbers[s] ?? new Float32Array()),
    ),
    categorical: categoricalFields.map((field, k) => fitVocabulary(field, codes[k])),
  };
}

/** The most frequent categories, ties by text, so that the same data gives the same vocabulary. */
function fitVocabulary(
  field: Pick<Extract<StaticFeature, { type: 'categorical' }>, 'name' | 'maxVocabulary' | 'cleaning'>,
  counted: CodeCounts | undefined,
): CategoricalEncoder {
  if (!counted) throw new Error(`no column for ${field.name}`);
  const { counts, rows, dictionary } = counted;
  const enough = Math.min(Math.max(Math.round(rows * RARE_CATEGORY_SHARE), 1), MAX_RARE_COUNT);
  const clean = categoryCleaner(field.cleaning);
  const mended = new Map<string, number>();
  dictionary.forEach((category, code) => {
    const meant = clean(category);
    mended.set(meant, (mended.get(meant) ?? 0) + (counts[code] ?? 0));
  });
  mended.delete('');
  const vocabulary = [...mended]
    .map(([category, count]) => ({ category, count }))
    .filter(({ count }) => count >= enough)
    .sort((a, b) => b.count - a.count || (a.category < b.category ? -1 : 1))
    .slice(0, field.maxVocabulary)
    .map(({ category }) => category);
  return { name: field.name, vocabulary, ...(field.cleaning && { cleaning: field.cleaning }) };
}
