import fc from 'fast-check';
import { type Tensor } from '../../src/engine/onnx';
import { type Weights } from '../../src/engine/nn';
import { type ModelConfigInput, modelConfigSchema } from '../../src/learning/architectures/model-config';
import { encode } from '../../src/learning/features/encode';
import { type FeatureMap, inputShape } from '../../src/learning/features/feature-map';
import { NetworkProgram } from '../../src/learning/training/network-program';
import { seededRandom } from '../../src/learning/training/random';
import { labelledAxes } from '../../src/learning/warm-start/axis-labels';
import { carryOver } from '../../src/learning/warm-start/carry-over';
import { everyKind, randomExamples, rearranged } from '../support/learned-maps';

const small = { dense: [4], dropout: 0 };
const attention = { width: 4, heads: 2, hidden: 4 };
const recurrent = { cell: 'GRU' as const, units: 3, bidirectional: true };
const models: Array<[string, ModelConfigInput]> = [
  ['conv-recurrent', { ...small, architecture: 'conv-recurrent', convolution: { filters: 3 }, recurrent }],
  ['transformer', { ...small, architecture: 'transformer', attention }],
  ['bag with effects', { ...small, architecture: 'bag', categoryEffects: true, members: 2 }],
  ['bag without hidden layers', { architecture: 'bag', dense: [] }],
  ['shared members', { ...small, architecture: 'bag', members: 3, memberWeights: 'shared' }],
  [
    'shared members without hidden layers',
    { architecture: 'bag', dense: [], members: 3, memberWeights: 'shared' },
  ],
  ['linear', { architecture: 'linear' }],
];

const compile = (map: FeatureMap, input: ModelConfigInput, start?: (drawn: Weights) => Weights) =>
  NetworkProgram.compile({
    model: modelConfigSchema.parse(input),
    shape: inputShape(map),
    exampleCount: 10,
    device: 'cpu',
    threads: 1,
    ...(start && { start: (drawn) => ({ weights: start(drawn), taken: 0, of: 0 }) }),
  });

/** Nothing at 0, as the weights of linear terms are at first. */
const disturbed = (weights: Weights): Weights => {
  const random = seededRandom(3);
  return new Map(
    Array.from(weights, ([name, value]) => [
      name,
      { ...value, data: value.data.map((w) => w + random() - 0.5) },
    ]),
  );
};

describe.each(models)('%s', (_, input) => {
  const model = modelConfigSchema.parse(input);

  it.each([
    ['in another order', [], 1],
    ['and with new words', ['new', 'newer'], 0.5],
  ])(
    'answers as the model that it started from when its columns and words are %s',
    async (_, words, least) => {
      const fixed = { ...input, ...('dense' in input ? { embeddingDimension: 3 } : {}) } as ModelConfigInput;
      const next = rearranged(everyKind, words);
      const first = await compile(everyKind, fixed, disturbed);
      const earlier = {
        weights: first.trained(),
        axes: labelledAxes(modelConfigSchema.parse(fixed), everyKind),
      };
      let [taken, of] = [0, 0];
      const second = await compile(next, fixed, (drawn) => {
        const axes = labelledAxes(modelConfigSchema.parse(fixed), next);
        const carried = carryOver({ weights: drawn, axes }, earlier);
        ({ taken, of } = carried);
        return carried.weights;
      });
      expect(taken / of).toBeGreaterThanOrEqual(least);
      expect(taken === of).toBe(words.length === 0);

      const raw = randomExamples(everyKind, 40, seededRandom(5));
      const before = await first.predict(encode(everyKind, raw));
      const after = await second.predict(encode(next, raw));
      const difference = Math.max(...before.map((logit, n) => Math.abs(logit - (after[n] ?? NaN))));
      expect(new Set(before).size).toBeGreaterThan(20);
      expect(difference).toBeLessThan(1e-4);
      await first.close();
      await second.close();
    },
  );

  it('has a label for each place of whatever depends on the data', async () => {
    const other: FeatureMap = {
      ...rearranged(everyKind, ['new']),
      numeric: everyKind.numeric.slice(1),
      ...(everyKind.sequence && {
        sequence: {
          ...rearranged(everyKind, ['new']).sequence!,
          maxLength: 7,
          numeric: everyKind.sequence.numeric.slice(1),
        },
      }),
    };
    const [one, two] = [await compile(everyKind, input), await compile(other, input)];
    for (const [map, program] of [
      [everyKind, one],
      [other, two],
    ] as const) {
      const axes = labelledAxes(model, map);
      for (const [name, { axis, labels }] of axes) {
        expect([name, labels.length]).toEqual([name, program.trained().get(name)?.shape[axis]]);
        expect(new Set(labels).size).toBe(labels.length);
      }
      for (const [name, { shape }] of two.trained())
        if (one.trained().get(name)?.shape.join() !== shape.join())
          expect([...axes.keys(), ...tablesOf(two)]).toContain(name);
    }
    await one.close();
    await two.close();
  });
});

/** With widths that go by the vocabularies, there are tables that the other network does not have. */
const tablesOf = (program: NetworkProgram): string[] =>
  [...program.trained().keys()].filter((name) => name.endsWith('.table'));

describe('carryOver', () => {
  const words = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd', 'e', 'f'));
  const matrix = (
    rows: number,
    columns: number,
    at: (row: number, column: number) => number,
  ): Tensor<'float32'> => ({
    dtype: 'float32',
    shape: [rows, columns],
    data: Float32Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns)),
  });

  it('moves each place that both have, on either axis, and leaves the others as drawn', () => {
    fc.assert(
      fc.property(
        words,
        words,
        fc.constantFrom(0 as const, 1 as const),
        fc.integer({ min: 1, max: 3 }),
        (old, now, axis, size) => {
          const of = (labels: string[], at: (label: number, place: number) => number) => ({
            weights: new Map([
              [
                'w',
                axis === 0
                  ? matrix(labels.length, size, at)
                  : matrix(size, labels.length, (place, label) => at(label, place)),
              ],
            ]),
            axes: new Map([['w', { axis, labels }]]),
          });
          const valueOf = (labels: string[], sign: number) => (label: number, place: number) =>
            sign * (10 * ('abcdef'.indexOf(labels[label] ?? '') + 1) + place);
          const { weights, taken } = carryOver(of(now, valueOf(now, -1)), of(old, valueOf(old, 1)));
          const expected = of(now, (label, place) =>
            valueOf(now, old.includes(now[label] ?? '') ? 1 : -1)(label, place),
          );
          expect(weights).toEqual(expected.weights);
          expect(taken).toBe(size * now.filter((word) => old.includes(word)).length);
        },
      ),
    );
  });

  it('leaves what has another shape, or stands for something else, as drawn', () => {
    const weights = (rows: number, columns: number, value: number): Weights =>
      new Map([['w', matrix(rows, columns, () => value)]]);
    const axes = new Map([['w', { axis: 0 as const, labels: ['a', 'b'] }]]);
    const none = new Map();
    const cases = [
      carryOver({ weights: weights(2, 2, 0), axes: none }, { weights: weights(2, 3, 1), axes: none }),
      carryOver({ weights: weights(2, 2, 0), axes }, { weights: weights(2, 3, 1), axes }),
      carryOver({ weights: weights(2, 2, 0), axes }, { weights: weights(2, 2, 1), axes: none }),
      carryOver({ weights: weights(2, 2, 0), axes: none }, { weights: new Map(), axes: none }),
    ];
    for (const { weights: carried, taken, of } of cases) {
      expect([taken, of]).toEqual([0, 4]);
      expect(carried).toEqual(weights(2, 2, 0));
    }
  });
});
