/** Rows of numbers and texts: what a row does not have is NaN, or null. */
export interface GivenRows {
  readonly count: number;
  /** [count · numberWidth]; moments in milliseconds since 1970. No number is beyond single precision. */
  readonly numbers: Float64Array;
  readonly numberWidth: number;
  /** [count · textWidth]; none is longer than a category, or holds NUL. */
  readonly texts: readonly (string | null)[];
  readonly textWidth: number;
}

/** Where the values of a field stand in each row: among its numbers, or among its texts. */
export interface GivenColumn {
  readonly holds: 'number' | 'text';
  readonly slot: number;
}

export type GivenColumns = ReadonlyMap<string, GivenColumn>;

/** Which column is what to a specification: what may be given, and what it does not name is passed over. */
export interface GivenLayout {
  /** The moment of prediction. */
  readonly at: GivenColumn;
  /** Features by name. */
  readonly features: GivenColumns;
  /** The moment of an event. */
  readonly eventAt: GivenColumn | null;
  /** Fields of events by name. */
  readonly fields: GivenColumns;
}

/** Examples of a request as they were given, without a record for each. */
export interface GivenExamples {
  readonly layout: GivenLayout;
  readonly rows: GivenRows;
  /** Those of all examples, one example after the other. */
  readonly events: GivenRows;
  /** Of each example, the first of its events: [count + 1]. */
  readonly eventsFrom: Int32Array;
  /** Of each example, whether it gives its history, be it empty: [count]. */
  readonly hasEvents: Uint8Array;
}
