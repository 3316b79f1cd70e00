/**
 * Examples as the tenant knows them, before any fitted encoder: what the ONNX artifact takes as input.
 *
 * Columnar. `NaN` is a missing number, `''` a missing category. Cyclic features appear as their raw number
 * (hour 0–23.99, day 0–6.99), elapsed fields as seconds; transforms and encodings belong to the artifact.
 * A compound feature has W values side by side: numbers, or categories that are padded with `''` at the end.
 * The offline path (DuckDB over files) and the online path (a request's JSON) both end here, which is where
 * their equality is tested.
 *
 * Categories are texts, or what an artifact that is entered behind its vocabularies takes for them.
 */
export interface RawExamples<Categories = readonly string[]> {
  readonly count: number;
  /** Numeric and cyclic features by name, each [N]; compound ones that are numbers, each [N·W]. */
  readonly numeric: Readonly<Record<string, Float32Array>>;
  /** Categorical features by name, each [N]; bags, each [N·W]. */
  readonly categorical: Readonly<Record<string, Categories>>;
  readonly sequence?: RawSequences<Categories>;
}

/** Histories, oldest event first, left-aligned and padded at the end (`NaN`, `''`) to T = the spec's maxLength. */
export interface RawSequences<Categories = readonly string[]> {
  /** T. */
  readonly maxLength: number;
  /** Valid events per example, 0..T: [N]. */
  readonly lengths: Int32Array;
  /** Numeric and elapsed fields by name, each [N·T] row-major; compound ones that are numbers, each [N·T·W]. */
  readonly numeric: Readonly<Record<string, Float32Array>>;
  /** Categorical fields by name, each [N·T] row-major; bags, each [N·T·W]. */
  readonly categorical: Readonly<Record<string, Categories>>;
}
