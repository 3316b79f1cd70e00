import fc from 'fast-check';
import { firstIdAt, momentOfId, newPredictionId } from './prediction-id';

describe('the id of a prediction', () => {
  it('is a UUIDv7 that tells when it was made, and sorts by it', () => {
    const ms = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(ms, ms, (one, other) => {
        const id = newPredictionId(one);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(momentOfId(id)).toEqual(new Date(one));
        expect(id >= firstIdAt(new Date(other))).toBe(one >= other);
      }),
    );
  });

  it('is another each time', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newPredictionId(7))).size).toBe(1_000);
  });
});
