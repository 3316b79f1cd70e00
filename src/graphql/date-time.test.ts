import fc from 'fast-check';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { DateTimeISO, usualMoment } from './date-time';

/** The moment in milliseconds; null where it is refused. */
function read(scalar: typeof DateTimeISO, value: unknown): number | null {
  try {
    return scalar.parseValue(value).getTime();
  } catch {
    return null;
  }
}
const ofLibrary = GraphQLDateTimeISO;

describe('DateTimeISO', () => {
  it('reads every moment as the library does', () => {
    const moments = fc.date({
      min: new Date('0001-01-01'),
      max: new Date('9999-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, fc.constantFrom(19, 23), (moment, length) => {
        const text = `${moment.toISOString().slice(0, length)}Z`;
        expect(read(DateTimeISO, text)).toBe(read(ofLibrary, text));
      }),
    );
  });

  it('takes and refuses whatever has a like form as the library does', () => {
    const two = fc.integer({ min: 0, max: 99 }).map((number) => String(number).padStart(2, '0'));
    const form = fc.tuple(fc.constantFrom('2024', '2025', '0000', '1900'), two, two, two, two, two);
    const end = fc.constantFrom('Z', 'z', '', '.5Z', '.123Z', '+01:00', '.123456Z');
    fc.assert(
      fc.property(form, end, ([year, month, day, hour, minute, second], tail) => {
        const text = `${year}-${month}-${day}T${hour}:${minute}:${second}${tail}`;
        expect(read(DateTimeISO, text)).toBe(read(ofLibrary, text));
      }),
    );
    for (const value of [null, 5, {}, '', 'now', '2025-02-29T00:00:00Z', '2024-02-29T00:00:00Z', new Date(0)])
      expect(read(DateTimeISO, value)).toBe(read(ofLibrary, value));
  });

  it('reads the usual form itself', () => {
    expect(usualMoment('2025-03-21T19:40:00Z')).toEqual(new Date('2025-03-21T19:40:00Z'));
    expect(usualMoment('2025-03-21T19:40:00+01:00')).toBeNull();
  });
});
