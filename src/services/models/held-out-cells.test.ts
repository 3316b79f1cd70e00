import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { type RateCell } from '../../learning/evaluation/prior-strength';
import { predictionsCsv } from '../training/predictions-csv';
import { heldOutCells } from './held-out-cells';

const example = fc.record({
  part: fc.constantFrom('validation' as const, 'test' as const),
  id: fc.string(),
  label: fc.integer({ min: 0, max: 1 }),
  probability: fc.double({ min: 0, max: 1, noNaN: true }),
  subject: fc.constant(null),
  advertiser: fc.constantFrom('', 'a', 'b', 'a,"b"', 'a\nb'),
  format: fc.constantFrom('', 'b', 'c'),
});

describe('the cells of held-out predictions', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'held-out-cells-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('hold every example of the test part once, with those that say the same of their features', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(example, { maxLength: 40 }),
        fc.subarray(['advertiser', 'format', 'unknown'] as const),
        async (examples, by) => {
          const file = path.join(folder, 'predictions.csv');
          const features = (['advertiser', 'format'] as const).map((name) => ({
            name,
            values: examples.map((each) => each[name]),
          }));
          await pipeline(predictionsCsv(examples, features), createWriteStream(file));
          const cells = await heldOutCells(file, by);
          const known = features.filter(({ name }) => by.includes(name)).map(({ name }) => name);
          const expected = new Map<string, RateCell>();
          for (const each of examples) {
            if (each.part !== 'test' || known.length === 0) continue;
            const key = JSON.stringify(known.map((name) => each[name]));
            const so = expected.get(key) ?? { positives: 0, predicted: 0, squared: 0 };
            expected.set(key, {
              positives: so.positives + each.label,
              predicted: so.predicted + each.probability,
              squared: so.squared + each.probability ** 2,
            });
          }
          expect(cells).toHaveLength(expected.size);
          expect(cells).toEqual(expect.arrayContaining([...expected.values()]));
          const predicted = cells.map((cell) => cell.predicted);
          expect(predicted).toEqual(predicted.toSorted((a, b) => b - a));
        },
      ),
    );
  });
});
