import { featureSpecSchema } from '../../learning/features/feature-spec';
import { rawFromRecords } from '../../learning/features/raw-from-records';
import { type FeatureValueInput } from './feature-value';
import { readInput } from './read-input';

const SPEC = featureSpecSchema.parse({
  shape: 'TABLE',
  timeColumn: 'at',
  label: { column: 'y' },
  features: [
    { type: 'multi', name: 'tags', maxValues: 2 },
    { type: 'text', name: 'title', maxTokens: 2 },
    { type: 'vector', name: 'image', dimension: 2 },
    { type: 'timestamp', name: 'joined', parts: [] },
    { type: 'numeric', name: 'age' },
    { type: 'categorical', name: 'colour' },
  ],
});
const AT = new Date('2024-01-02T00:00:00Z');

type Given = Pick<FeatureValueInput, keyof FeatureValueInput>;

/** The raw features, or what is wrong. */
function read(...features: Given[]) {
  const { record } = readInput({ at: AT, known: {}, features }, SPEC);
  try {
    return rawFromRecords(SPEC, [record]);
  } catch (error) {
    return (error as { issues: Array<{ path: string; message: string }> }).issues;
  }
}

describe('values of features by name', () => {
  it('may be lists', () => {
    expect(
      read(
        { name: 'tags', texts: ['b', 'a', 'c'] },
        { name: 'title', text: 'Red WINE glasses' },
        { name: 'image', numbers: [1, 2] },
        { name: 'joined', text: '2024-01-01' },
      ),
    ).toMatchObject({
      categorical: { tags: ['b', 'a'], title: ['red', 'wine'] },
      numeric: { image: Float32Array.of(1, 2), joined: Float32Array.of(86_400) },
    });
  });

  it('may be missing', () => {
    const missing = read(
      { name: 'tags', texts: [] },
      { name: 'image', numbers: [] },
      { name: 'joined', text: '' },
    );
    expect(missing).toEqual(read());
    expect(missing).toMatchObject({
      categorical: { tags: ['', ''], title: ['', ''] },
      numeric: { image: Float32Array.of(NaN, NaN), joined: Float32Array.of(NaN) },
    });
  });

  it('are missing where they lie after the moment of prediction', () => {
    expect(read({ name: 'joined', text: '2024-01-02T00:00:01Z' })).toEqual(read());
    expect(read({ name: 'joined', text: '2024-01-02' })).toMatchObject({
      numeric: { joined: Float32Array.of(0) },
    });
  });

  it.each<[Given, string]>([
    [{ name: 'tags', number: 1 }, 'must be a list of texts or null, not 1'],
    [{ name: 'title', texts: ['a'] }, 'must be a text or null, not a list'],
    [{ name: 'title', text: 'x'.repeat(65_537) }, 'is longer than 65536 characters'],
    [{ name: 'image', numbers: [1, 2, 3] }, 'must have 2 numbers, not 3'],
    [{ name: 'image', number: 1 }, 'must be a list of 2 numbers or null, not 1'],
    [{ name: 'image', numbers: [1, 1e39] }, 'holds something that is not a number within ±3.4e38'],
    [
      { name: 'joined', text: '1/2/2024' },
      'must be an ISO 8601 moment between the years 1900 and 2200, or null, not the text "1/2/2024"',
    ],
    [{ name: 'age', numbers: [1] }, 'must be a number or null, not a list'],
    [{ name: 'colour', texts: ['red'] }, 'must be a category or null, not a list'],
  ])('say what is wrong: %j', (value, message) => {
    expect(read(value)).toEqual([{ path: `0.features.${value.name}`, message }]);
  });

  it('are one each', () => {
    expect(() => read({ name: 'tags', text: 'a', texts: ['b'] })).toThrow(
      'features.tags has more than one value: give number, text, boolean, texts or numbers',
    );
  });
});
