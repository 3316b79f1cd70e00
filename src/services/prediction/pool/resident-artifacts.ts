/**
 * Which artifacts one inference thread holds, least recently used first, within a bound of bytes.
 * It only keeps the account: the thread does what {@link admit} returns.
 */
export class ResidentArtifacts {
  /** In order of use: a Map keeps the order of insertion. */
  readonly #charges = new Map<string, number>();
  #bytes = 0;

  /** @param limitBytes an artifact that is larger still gets in, alone */
  constructor(private readonly limitBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#charges.size;
  }

  has(id: string): boolean {
    return this.#charges.has(id);
  }

  /** Marks an artifact as used just now. */
  touch(id: string): void {
    const charge = this.#charges.get(id);
    if (charge === undefined) return;
    this.#charges.delete(id);
    this.#charges.set(id, charge);
  }

  /** @returns the artifacts that have to leave first, oldest use first */
  admit(id: string, charge: number): string[] {
    this.remove(id);
    const evicted: string[] = [];
    for (const [oldest] of this.#charges) {
      if (this.#bytes + charge <= this.limitBytes) break;
      this.remove(oldest);
      evicted.push(oldest);
    }
    this.#charges.set(id, charge);
    this.#bytes += charge;
    return evicted;
  }

  remove(id: string): void {
    this.#bytes -= this.#charges.get(id) ?? 0;
    this.#charges.delete(id);
  }
}
