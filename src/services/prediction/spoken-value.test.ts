import { spokenNumber, spokenSeconds, spokenValue } from './spoken-value';

describe('what a reason says of a value', () => {
  it.each([
    [1, '1 second'],
    [119, '119 seconds'],
    [120, '2 minutes'],
    [5_400, '90 minutes'],
    [7_200, '2 hours'],
    [259_200, '3 days'],
    [3 * 365 * 86_400, '3 years'],
  ])('%d seconds are %s', (seconds, said) => {
    expect(spokenSeconds(seconds)).toBe(said);
  });

  it.each([
    [1_234_567.891, '1,234,567.89'],
    [-45_000, '−45,000'],
    [0.123456, '0.1235'],
    [52.5, '52.5'],
    [0, '0'],
  ])('%d is %s', (value, said) => {
    expect(spokenNumber(value)).toBe(said);
  });

  it('is by the type of the feature', () => {
    expect(spokenValue({ type: 'elapsed', name: 'since' }, '259200')).toBe('3 days');
    expect(spokenValue({ type: 'categorical', name: 'zip', maxVocabulary: 10 }, '01234')).toBe('01234');
    expect(spokenValue({ type: 'categorical', name: 'zip', maxVocabulary: 10 }, null)).toBeNull();
  });
});
