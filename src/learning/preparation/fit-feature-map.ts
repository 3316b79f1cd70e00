import { categoryCleaner } from '../features/cleaning';
import { type CategoricalEncoder, FEATURE_MAP_VERSION, type FeatureMap } from '../features/feature-map';
import { type FeatureSpec, isNumber, type StaticFeature } from '../features/feature-spec';
import { CYCLE_PERIOD } from '../features/moment';
import { fitCompoundFeatures, fitCompoundFields } from './fit-compound';
import { isLabelled } from '../features/unlabelled';
import { fitNumeric } from './fit-numeric';
import { type CodeCounts, ExampleSample, sampleEvents } from './fit-samples';
import { fitVocabulary } from './fit-vocabulary';
import { type ExampleStore } from './store/example-store';

/**
 * Fits normalization and vocabularies on the training part and nothing else: on the rows in `train`, and on the events
 * that at least one of their histories holds, each counted once.
 */
export async function fitFeatureMap(
  spec: FeatureSpec,
  store: ExampleStore,
  train: Int32Array,
): Promise<FeatureMap> {
  if (!isLabelled(spec)) throw new TypeError('examples without labels are not trained on');
  const valueFeatures = spec.features.filter((feature) => isNumber(feature));
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
    categorical: categoricalFeatures.map((feature, c) => fitCategories(feature, codes[c])),
    compound: await fitCompoundFeatures(spec, store, train),
  };
  if (!spec.sequence) return map;
  return { ...map, sequence: await fitSequence(spec, store, train) };
}

async function fitSequence(
  spec: FeatureSpec,
  store: ExampleStore,
  train: Int32Array,
): Promise<NonNullable<FeatureMap['sequence']>> {
  const { maxLength = 0, fields = [] } = spec.sequence ?? {};
  const { numbers, codes, elapsed } = await sampleEvents(store, train);
  const valueFields = fields.filter((field) => isNumber(field));
  const categoricalFields = fields.filter((field) => field.type === 'categorical');
  return {
    maxLength,
    numeric: valueFields.map((field, s) =>
      field.type === 'elapsed'
        ? fitNumeric({ ...field, transform: 'log1p', encoding: 'standard' }, elapsed)
        : fitNumeric(field, numbers[s] ?? new Float32Array()),
    ),
    categorical: categoricalFields.map((field, k) => fitCategories(field, codes[k])),
    compound: await fitCompoundFields(spec, store, train),
  };
}

function fitCategories(
  field: Pick<Extract<StaticFeature, { type: 'categorical' }>, 'name' | 'maxVocabulary' | 'cleaning'>,
  counted: CodeCounts | undefined,
): CategoricalEncoder {
  if (!counted) throw new Error(`no column for ${field.name}`);
  const { counts, rows, dictionary } = counted;
  const clean = categoryCleaner(field.cleaning);
  const mended = new Map<string, number>();
  dictionary.forEach((category, code) => {
    const meant = clean(category);
    mended.set(meant, (mended.get(meant) ?? 0) + (counts[code] ?? 0));
  });
  const vocabulary = fitVocabulary(mended, rows, field.maxVocabulary);
  return { name: field.name, vocabulary, ...(field.cleaning && { cleaning: field.cleaning }) };
}
