const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Looks at every answer for what belongs to another tenant: texts that mark its data, and ids that it was given. */
export class Watch {
  private readonly owners = new Map<string, string>();
  private readonly markers: string[] = [];
  readonly seen: string[] = [];
  /** Answers looked at. */
  looked = 0;
  /** Requests without an answer within their time: whether they were done is not known. */
  unanswered = 0;
  /** Answers by the code of their error, or `OK`. */
  readonly codes: Record<string, number> = {};
  /** Of answers that are nobody's mistake and no known state: the first few. */
  readonly internal: string[] = [];

  /** A tenant, by the text that all of its data carry. */
  addTenant(marker: string): void {
    this.markers.push(marker);
  }

  /** What is this tenant's. */
  owns(marker: string, id: string): void {
    this.owners.set(id, marker);
  }

  count(code: string, text = ''): void {
    this.codes[code] = (this.codes[code] ?? 0) + 1;
    if (code.startsWith('INTERNAL') && this.internal.length < 5) this.internal.push(text.slice(0, 500));
  }

  look(marker: string, request: string, answer: string): void {
    this.looked++;
    const foreign = this.markers.filter((other) => other !== marker && answer.includes(other));
    const ids = [...new Set(answer.match(UUID) ?? [])].filter((id) => {
      const owner = this.owners.get(id);
      return owner !== undefined && owner !== marker && !request.includes(id);
    });
    for (const found of [...foreign, ...ids])
      this.seen.push(`${marker} was told ${found}: ${answer.slice(0, 300)}`);
  }
}
