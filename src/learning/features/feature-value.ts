/** A feature's value in a request. `null`, absent and (texts) the empty string are missing; so is an empty list. */
export type FeatureValue =
  string | number | boolean | Date | readonly string[] | readonly number[] | null | undefined;

/** A value that is given. */
export type GivenValue = NonNullable<FeatureValue>;

/** What is wrong with a value, to be read after its path. */
export class Problem {
  constructor(readonly message: string) {}
}

export function describeValue(value: GivenValue): string {
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (value instanceof Date) return 'a moment';
  if (typeof value === 'object') return value.length === 0 ? 'an empty list' : 'a list';
  return String(value);
}
