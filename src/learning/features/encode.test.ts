import { encode } from './encode';
import { type FeatureMap, inputShape, type NumericCode, parseFeatureMap } from './feature-map';
import { featureSpecSchema } from './feature-spec';
import { columnsOfField, normalize, transform, writeFeature, writeField } from './numeric-encoding';

const MAP: FeatureMap = {
  version: 1,
  spec: featureSpecSchema.parse({
    shape: 'EVENTS',
    subjectColumn: 'user',
    timeColumn: 'at',
    kindColumn: 'kind',
    momentKinds: ['view'],
    label: { column: 'label' },
    features: [
      { type: 'numeric', name: 'age' },
      { type: 'categorical', name: 'colour' },
      { type: 'cyclic', name: 'hour', part: 'hourOfDay' },
    ],
    sequence: {
      maxLength: 2,
      fields: [
        { type: 'categorical', name: 'item' },
        { type: 'elapsed', name: 'ago' },
      ],
    },
  }),
  numeric: [
    {
      type: 'numeric',
      name: 'age',
      transform: 'identity',
      median: 30,
      low: 18,
      high: 80,
      mean: 40,
      std: 10,
    },
    { type: 'cyclic', name: 'hour', period: 24 },
  ],
  categorical: [{ name: 'colour', vocabulary: ['red', 'blue'] }],
  sequence: {
    maxLength: 2,
    numeric: [
      {
        type: 'numeric',
        name: 'ago',
        transform: 'log1p',
        median: 1,
        low: 0,
        high: 10,
        mean: 0,
        std: 2,
      },
    ],
    categorical: [{ name: 'item', vocabulary: ['a'] }],
  },
};

describe('encode', () => {
  it('writes value and missing indicator, sine and cosine, ids, and padded sequences', () => {
    const encoded = encode(MAP, {
      count: 3,
      numeric: { age: Float32Array.of(50, NaN, 200), hour: Float32Array.of(6, NaN, 12) },
      categorical: { colour: ['blue', '', 'green'] },
      sequence: {
        maxLength: 2,
        lengths: Int32Array.of(1, 0, 2),
        numeric: { ago: Float32Array.of(Math.expm1(4), NaN, NaN, NaN, NaN, 0) },
        categorical: { item: ['a', '', '', '', 'b', 'a'] },
      },
    });
    const expected = [1, 0, 1, 0, -1, 1, 0, 0, 4, 0, 0, -1];
    expected.forEach((value, i) => expect(encoded.numeric_NF[i]).toBeCloseTo(value, 6));
    expect(encoded.categorical_NC).toEqual(Int32Array.of(3, 1, 1));
    expect([...encoded.sequence!.numeric_NTS].map((value) => Math.round(value * 1e5) / 1e5)).toEqual([
      2, 0, 0, 0, 0.5, 0,
    ]);
    expect(encoded.sequence!.categorical_NTK).toEqual(Int32Array.of(2, 0, 0, 0, 1, 2));
    expect(encoded.sequence!.lengths_N).toEqual(Int32Array.of(1, 0, 2));
  });

  it('keeps the sign in log1p, and clips before standardizing', () => {
    expect(transform('log1p', -Math.expm1(2))).toBeCloseTo(-2, 12);
    expect(transform('identity', -3)).toBe(-3);
    const encoder = MAP.numeric[0]!;
    if (encoder.type === 'numeric') expect(normalize(encoder, -1e30)).toBeCloseTo(-2.2, 12);
  });
});

describe('codes of numbers', () => {
  const number = { type: 'numeric', name: 'x', median: 0, low: 0, high: 9, mean: 0, std: 1 } as const;
  const written = (code: NumericCode, value: number, transform: 'identity' | 'log1p' = 'identity') => {
    const encoder = { ...number, transform, code };
    const width = columnsOfField(encoder);
    const [feature, field] = [new Float32Array(width), new Float32Array(width)];
    writeFeature(encoder, value, feature, 0);
    writeField(encoder, value, field, 0);
    expect(feature).toEqual(field);
    return [...feature];
  };

  it.each([
    [-5, [1, 0, 0, 0]],
    [0, [1, 0, 0, 0]],
    [0.999, [1, 0, 0, 0]],
    [1, [0, 1, 0, 0]],
    [4, [0, 0, 1, 0]],
    [1e30, [0, 0, 1, 0]],
    [NaN, [0, 0, 0, 1]],
  ])('%p lies in one bin of three, or is missing', (value, expected) => {
    expect(written({ kind: 'quantileBins', starts: [0, 1, 4] }, value)).toEqual(expected);
    expect(written({ kind: 'quantileBins', starts: [0, 1, 4] }, value, 'log1p')).toEqual(expected);
  });

  it.each([
    [-5, [0, 0, 0, 0]],
    [0.5, [0.5, 0, 0, 0]],
    [1, [1, 0, 0, 0]],
    [2.5, [1, 0.5, 0, 0]],
    [6, [1, 1, 0.5, 0]],
    [1e30, [1, 1, 1, 0]],
    [NaN, [0, 0, 0, 1]],
  ])('%p has come so far through each of three bins, or is missing', (value, expected) => {
    expect(written({ kind: 'piecewiseLinear', edges: [0, 1, 4, 8] }, value)).toEqual(expected);
  });

  it('measures the way through a bin in transformed units', () => {
    const edges = [0, Math.fround(Math.log(4))];
    const [share] = written({ kind: 'piecewiseLinear', edges }, 1, 'log1p');
    expect(share).toBeCloseTo(0.5, 6);
  });
});

describe('feature map', () => {
  it('tells the network its widths and cardinalities', () => {
    expect(inputShape(MAP)).toEqual({
      numericWidth: 4,
      cardinalities: [4],
      bags: [],
      sequence: { maxLength: 2, numericWidth: 1, cardinalities: [3], bags: [] },
    });
  });

  it('counts the columns of coded numbers', () => {
    const [age, hour] = MAP.numeric;
    const coded = {
      ...age!,
      code: { kind: 'piecewiseLinear', edges: [0, 1, 2, 3] },
    } as FeatureMap['numeric'][0];
    expect(inputShape({ ...MAP, numeric: [coded, hour!] }).numericWidth).toBe(4 + 2);
  });

  it('survives JSON', () => {
    expect(parseFeatureMap(JSON.parse(JSON.stringify(MAP)))).toEqual(MAP);
  });

  it.each([
    ['another version', { ...MAP, version: 2 }],
    ['an unknown key', { ...MAP, extra: 1 }],
    ['a part that is missing', { ...MAP, numeric: undefined }],
    [
      'edges that fall',
      { ...MAP, numeric: [{ ...MAP.numeric[0], code: { kind: 'piecewiseLinear', edges: [1, 0] } }] },
    ],
    ['a std of 0', { ...MAP, numeric: [{ ...MAP.numeric[0], std: 0 }] }],
    ['a value that is no object', 'map'],
  ])('refuses %s', (_, json) => {
    expect(() => parseFeatureMap(json)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIGURATION' }) as Error,
    );
  });
});
