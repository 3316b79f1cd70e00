import { readOptions } from './options';

describe('the options of the data bench', () => {
  test('measure one and ten million events in CSV unless told otherwise', () => {
    expect(readOptions({})).toEqual({ events: [1_000_000, 10_000_000], format: 'csv', pairs: 1 });
  });

  test('take other numbers of events, and Parquet', () => {
    expect(readOptions({ events: '5,50000000', format: 'parquet', pairs: '3' })).toEqual({
      events: [5, 50_000_000],
      format: 'parquet',
      pairs: 3,
    });
  });

  test.each([{ events: '1e6' }, { events: '' }, { events: '1,,2' }, { format: 'json' }, { pairs: '0' }])(
    'refuse %j',
    (values) => {
      expect(() => readOptions(values)).toThrow(/--(events|format|pairs) takes/);
    },
  );
});
