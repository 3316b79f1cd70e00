import { type OperationGate } from '../../../graphql/limits/operation-gate';

/** Text that is remembered, in characters. */
const MAX_REMEMBERED = 4 * 2 ** 20;

/** Documents within the limits, by their text: those that come again are not measured again. */
export class MeasuredDocuments {
  /** The least recently used first. */
  readonly #texts = new Set<string>();
  #remembered = 0;

  constructor(private readonly gate: Pick<OperationGate, 'parse'>) {}

  /** @throws AppError OPERATION_TOO_LARGE */
  admit(source: string): void {
    if (this.#texts.delete(source)) this.#texts.add(source);
    // What is no GraphQL is told so by whoever executes it.
    else if (this.gate.parse(source)) this.#remember(source);
  }

  #remember(source: string): void {
    this.#texts.add(source);
    this.#remembered += source.length;
    for (const oldest of this.#texts) {
      if (this.#remembered <= MAX_REMEMBERED) break;
      this.#texts.delete(oldest);
      this.#remembered -= oldest.length;
    }
  }
}
