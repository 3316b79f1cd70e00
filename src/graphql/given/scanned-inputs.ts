import { type InputLayout } from './input-layout';
import { type ScannedRows } from './scan-inputs';

/** An argument of inputs that was read from the bytes of its request, without an object for each. */
export class ScannedInputs<T = unknown> {
  private made: { readonly value: T } | null = null;

  /** @param read the same as GraphQL reads it */
  constructor(
    readonly layout: InputLayout,
    readonly scanned: ScannedRows,
    private readonly read: () => T,
  ) {}

  get count(): number {
    return this.scanned.count;
  }

  /** A field of one of the inputs that is a text. */
  text(place: number, name: string): string | null {
    const { texts, textWidth } = this.scanned.rows;
    const column = this.layout.columns.get(name);
    if (column?.holds !== 'text') throw new RangeError(`${name} is no text`);
    return texts[place * textWidth + column.slot] ?? null;
  }

  /** The whole argument. All of the request is read for it, when it is first asked for. */
  value(): T {
    return (this.made ??= { value: this.read() }).value;
  }
}

/** An argument as it came. */
export type Given<T> = T | ScannedInputs<T>;

export function givenValue<T>(given: Given<T>): T {
  return given instanceof ScannedInputs ? given.value() : given;
}
