import fc from 'fast-check';
import { type ModelConfig, modelConfigSchema } from '../architectures/model-config';
import { sampleModels, type SampledModel, type SampledModels } from './sample-models';
import { type SearchSpace, searchSpaceSchema, valueAt } from './search-space';

const BASE = modelConfigSchema.parse({ architecture: 'conv-recurrent' });
const spaceOf = (space: unknown): SearchSpace => searchSpaceSchema.parse(space);

function modelsOf(sampled: SampledModels): readonly SampledModel[] {
  if ('problems' in sampled) throw new Error(JSON.stringify(sampled.problems));
  return sampled.models;
}

const problemsOf = (space: unknown, base: ModelConfig = BASE, count = 8) => {
  const sampled = sampleModels(base, spaceOf(space), { count, seed: 1 });
  return 'problems' in sampled ? sampled.problems : [];
};

const RICH = spaceOf({
  learningRate: { logUniform: { min: 1e-4, max: 1e-1 } },
  dropout: { uniform: { min: 0, max: 0.5 } },
  'recurrent.units': { logUniform: { min: 4, max: 64, integer: true } },
  'recurrent.cell': { choices: ['GRU', 'LSTM'] },
  dense: { choices: [[8], [16, 8], []] },
});

const anyRange = fc
  .tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }))
  .map(([min, more]) => ({ min, max: min + more }));

describe('a value that is drawn', () => {
  it('lies in its range, to the ends, whatever is drawn; whole where it is to be', () => {
    fc.assert(
      fc.property(
        anyRange,
        fc.constantFrom('uniform', 'logUniform'),
        fc.boolean(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (range, kind, integer, at) => {
          const { learningRate: distribution } = spaceOf({ learningRate: { [kind]: { ...range, integer } } });
          const value = valueAt(distribution!, at);
          expect(value).toBeGreaterThanOrEqual(range.min);
          expect(value).toBeLessThanOrEqual(range.max);
          if (integer) expect(Number.isInteger(value)).toBe(true);
        },
      ),
    );
    const { x } = spaceOf({ x: { uniform: { min: 1, max: 3, integer: true } } });
    expect([0, 0.4, 0.999].map((at) => valueAt(x!, at))).toEqual([1, 2, 3]);
  });

  it('is of each order of magnitude as often, where that is asked for', () => {
    const { x } = spaceOf({ x: { logUniform: { min: 0.001, max: 1 } } });
    expect([0, 1 / 3, 2 / 3].map((at) => Number(valueAt(x!, at)).toFixed(6))).toEqual([
      '0.001000',
      '0.010000',
      '0.100000',
    ]);
  });
});

describe('sampleModels', () => {
  it('draws different configurations that follow from the seed, of which fewer are the first of more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_294_967_295 }),
        fc.integer({ min: 1, max: 12 }),
        (seed, count) => {
          const all = modelsOf(sampleModels(BASE, RICH, { count: 12, seed }));
          expect(modelsOf(sampleModels(BASE, RICH, { count, seed }))).toEqual(all.slice(0, count));
          const reversed = Object.fromEntries(Object.entries(RICH).toReversed());
          expect(modelsOf(sampleModels(BASE, reversed, { count: 12, seed }))).toEqual(all);
          expect(new Set(all.map(({ model }) => JSON.stringify(model))).size).toBe(12);
          for (const { model, parameters } of all) {
            expect(Object.keys(parameters)).toEqual(Object.keys(RICH).toSorted());
            // All else is as configured.
            expect(model).toEqual({
              ...BASE,
              ...{
                learningRate: parameters.learningRate,
                dropout: parameters.dropout,
                dense: parameters.dense,
              },
              recurrent: {
                ...('recurrent' in BASE ? BASE.recurrent : {}),
                ...{ units: parameters['recurrent.units'], cell: parameters['recurrent.cell'] },
              },
            });
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('gives each architecture, optimizer and loss its own options, and leaves the others out', () => {
    const space = spaceOf({
      architecture: { choices: ['conv-recurrent', 'transformer', 'linear'] },
      'recurrent.units': { choices: [4, 8] },
      'attention.blocks': { choices: [1, 2] },
      'optimizer.name': { choices: ['adamw', 'sgd'] },
      'optimizer.momentum': { uniform: { min: 0.5, max: 0.95 } },
      learningRate: { logUniform: { min: 1e-3, max: 1e-1 } },
    });
    const models = modelsOf(sampleModels(BASE, space, { count: 40, seed: 7 }));
    for (const { parameters, model } of models) {
      expect('recurrent.units' in parameters).toBe(model.architecture === 'conv-recurrent');
      expect('attention.blocks' in parameters).toBe(model.architecture === 'transformer');
      expect('optimizer.momentum' in parameters).toBe(model.optimizer.name === 'sgd');
      expect(modelConfigSchema.parse(model)).toEqual(model);
    }
    expect(new Set(models.map(({ model }) => model.architecture)).size).toBe(3);
  });

  it.each<[string, object, string | null, RegExp]>([
    ['an option that there is not', { learningrate: { choices: [1, 2] } }, 'learningrate', /no option/],
    ['one within another', { 'recurrent.unit': { choices: [4, 8] } }, 'recurrent.unit', /no option/],
    ['a value out of bounds', { dropout: { uniform: { min: 2, max: 3 } } }, 'dropout', /cannot be used/],
    [
      'a fraction where there is none',
      { batchSize: { uniform: { min: 8, max: 64 } } },
      'batchSize',
      /cannot be used/,
    ],
    ['an option of a list', { 'dense.first': { choices: [1, 2] } }, 'dense.first', /dense/],
    ['too few combinations', { 'recurrent.cell': { choices: ['GRU', 'LSTM'] } }, null, /has 2 different/],
  ])('tells of %s', (_, space, option, message) => {
    expect(problemsOf(space)).toContainEqual({ option, message: expect.stringMatching(message) as string });
  });

  it('tells of values that do not go together', () => {
    const base = modelConfigSchema.parse({ architecture: 'transformer' });
    expect(problemsOf({ 'attention.heads': { choices: [3, 5, 7] } }, base, 2)[0]).toMatchObject({
      option: 'attention.heads',
    });
  });
});

describe('a search space', () => {
  it.each<[string, unknown]>([
    ['nothing', {}],
    ['an unknown distribution', { x: { normal: { mean: 0 } } }],
    ['a range upside down', { x: { uniform: { min: 2, max: 1 } } }],
    ['orders of magnitude from 0', { x: { logUniform: { min: 0, max: 1 } } }],
    ['a single choice', { x: { choices: [1] } }],
    ['a choice twice', { x: { choices: [[1], [1]] } }],
    ['a path that is none', { 'x..y': { choices: [1, 2] } }],
    ['what objects inherit', { __proto__x: { choices: [1, 2] } }],
    ['an option within another', { optimizer: { choices: [1, 2] }, 'optimizer.name': { choices: [1, 2] } }],
    ['whole numbers between fractions', { x: { uniform: { min: 0.5, max: 3, integer: true } } }],
  ])('is refused with %s', (_, space) => {
    expect(searchSpaceSchema.safeParse(space).success).toBe(false);
  });
});
