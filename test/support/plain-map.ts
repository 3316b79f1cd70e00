import { type FeatureMap } from '../../src/learning/features/feature-map';
import { featureSpecSchema } from '../../src/learning/features/feature-spec';

const T = 4;
const scale = { median: 0.5, low: -3, high: 4, mean: 0.25, std: 1.5 };

/** Numbers of each encoding, cyclic ones, categories that share a table or do not, and the same of events. */
export const plainMap: FeatureMap = {
  version: 1,
  spec: featureSpecSchema.parse({
    shape: 'EVENTS',
    subjectColumn: 'user',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['view'],
    label: { event: 'buy', withinMinutes: 60 },
    features: [
      { type: 'categorical', name: 'country' },
      { type: 'numeric', name: 'age' },
      { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
      { type: 'numeric', name: 'spent', transform: 'log1p', encoding: 'piecewiseLinear' },
      { type: 'derived', name: 'views', aggregate: 'count' },
      { type: 'categorical', name: 'device' },
      { type: 'numeric', name: 'visits', encoding: 'quantileBins' },
    ],
    sequence: {
      maxLength: T,
      fields: [
        { type: 'elapsed', name: 'since' },
        { type: 'categorical', name: 'kind' },
        { type: 'numeric', name: 'stars', encoding: 'quantileBins' },
      ],
    },
  }),
  numeric: [
    { type: 'numeric', name: 'age', transform: 'identity', ...scale },
    { type: 'cyclic', name: 'hour', period: 24 },
    {
      type: 'numeric',
      name: 'spent',
      transform: 'log1p',
      ...scale,
      code: { kind: 'piecewiseLinear', edges: [0, 0.5, 2, 3] },
    },
    { type: 'numeric', name: 'views', transform: 'log1p', ...scale },
    {
      type: 'numeric',
      name: 'visits',
      transform: 'identity',
      ...scale,
      code: { kind: 'quantileBins', starts: [-1, 0, 2] },
    },
  ],
  categorical: [
    { name: 'country', vocabulary: ['de', 'fr', 'it'] },
    { name: 'device', vocabulary: Array.from({ length: 30 }, (_, index) => `device ${index}`) },
  ],
  sequence: {
    maxLength: T,
    numeric: [
      { type: 'numeric', name: 'since', transform: 'log1p', ...scale },
      {
        type: 'numeric',
        name: 'stars',
        transform: 'identity',
        ...scale,
        code: { kind: 'quantileBins', starts: [0, 1, 2] },
      },
    ],
    categorical: [{ name: 'kind', vocabulary: ['view', 'cart'] }],
  },
};
