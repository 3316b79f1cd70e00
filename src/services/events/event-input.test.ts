import { featureSpecSchema } from '../../learning/features/feature-spec';
import { type GivenValue, readEvent } from './event-input';

const SPEC = featureSpecSchema.parse({
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['visit'],
  label: { event: 'buy', withinMinutes: 5 },
  features: [{ type: 'categorical', name: 'both' }],
  sequence: {
    maxLength: 2,
    fields: [
      { type: 'multi', name: 'tags' },
      { type: 'vector', name: 'image', dimension: 2 },
      { type: 'text', name: 'title' },
      { type: 'timestamp', name: 'joined' },
      { type: 'text', name: 'copy', column: 'both' },
    ],
  },
});

const read = (...values: GivenValue[]) =>
  readEvent(
    { id: 'e', subjectId: 's', at: '2025-01-01T00:00:00Z', kind: 'view', values },
    SPEC,
    new Date('2025-01-02'),
  );
const long = 'word '.repeat(300);

describe('an event', () => {
  it('keeps lists as the cells of a file', () => {
    expect(read({ name: 'tags', texts: ['a|b', 'ü'] }, { name: 'image', numbers: [1, -0.5] })).toMatchObject({
      event: { cells: { tags: '["a|b","ü"]', image: '[1,-0.5]' } },
    });
  });

  it('may hold a long text where no category reads it', () => {
    expect(read({ name: 'title', text: long })).toMatchObject({ event: { cells: { title: long } } });
    for (const name of ['both', 'unread'])
      expect(read({ name, text: long })).toMatchObject({
        issues: [{ path: `values.${name}`, message: 'is longer than 1024 characters' }],
      });
  });

  it.each<[GivenValue, string]>([
    [{ name: 'tags', text: '["a"' }, 'begins with [ and is no JSON array of texts and numbers'],
    [{ name: 'tags', texts: ['\0'] }, 'holds the character NUL, which no category can'],
    [{ name: 'image', numbers: [1] }, 'must have 2 numbers, not 1'],
    [{ name: 'image', text: '1 x' }, 'holds something that is not a number within ±3.4e38'],
    [
      { name: 'joined', text: 'yesterday' },
      'must be an ISO 8601 moment between the years 1900 and 2200, or null, not the text "yesterday"',
    ],
    [
      { name: 'tags', text: 'a', texts: ['a'] },
      'has more than one value: give number, text, boolean, texts or numbers',
    ],
  ])('is refused with %j', (value, message) => {
    expect(read(value)).toEqual({ issues: [{ path: `values.${value.name}`, message }] });
  });
});
