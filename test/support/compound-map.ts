import { type FeatureMap } from '../../src/learning/features/feature-map';
import { featureSpecSchema } from '../../src/learning/features/feature-spec';

const scale = { median: 0.5, low: -3, high: 4, mean: 0.25, std: 1.5 };
const kinds = [
  { type: 'text' as const, name: 'title', maxTokens: 3 },
  { type: 'vector' as const, name: 'image', dimension: 3 },
  { type: 'multi' as const, name: 'tags', maxValues: 2, pooling: 'sum' as const },
  { type: 'timestamp' as const, name: 'joined' },
];
const encoders: NonNullable<FeatureMap['compound']> = [
  { type: 'text', name: 'title', size: 3, pooling: 'mean', vocabulary: ['red', 'カ'] },
  { type: 'vector', name: 'image', scales: [scale, scale, scale] },
  { type: 'multi', name: 'tags', size: 2, pooling: 'sum', vocabulary: ['red'] },
  { type: 'timestamp', name: 'joined', elapsed: { ...scale, high: 20 }, periods: [24, 7] },
];

/** Every compound kind, of examples and of events, and no other. */
export const compoundMap: FeatureMap = {
  version: 1,
  spec: featureSpecSchema.parse({
    shape: 'EVENTS',
    subjectColumn: 'user',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['view'],
    label: { event: 'buy', withinMinutes: 60 },
    features: kinds,
    sequence: { maxLength: 4, fields: kinds },
  }),
  numeric: [],
  categorical: [],
  compound: encoders,
  sequence: { maxLength: 4, numeric: [], categorical: [], compound: encoders },
};
