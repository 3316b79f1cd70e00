/** Rows of so many 32-bit words, one after the other; the same bytes as integers, as float32 and as float64. */
export class RowBuffer {
  readonly bytes: Buffer;
  readonly ints: Int32Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;

  constructor(
    /** Of a row; even, so that a row begins at a whole number of doubles. */
    readonly words: number,
    capacity: number,
  ) {
    const memory = new ArrayBuffer(words * capacity * 4);
    this.bytes = Buffer.from(memory);
    this.ints = new Int32Array(memory);
    this.floats = new Float32Array(memory);
    this.doubles = new Float64Array(memory);
  }
}
