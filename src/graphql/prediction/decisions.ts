/** The decision at or above the threshold, and the one below. */
export interface Decisions {
  readonly yes: string;
  readonly no: string;
}

const known = new Map<string, Decisions>();

/** Makes a domain's decisions known: this layer knows no domain by name. */
export function rememberDecisions(kind: string, decisions: Decisions): void {
  known.set(kind, decisions);
}

/** What a domain decides at a probability; null when it is not discovered any more. */
export function decisionOf(kind: string, probability: number, threshold: number): string | null {
  const decisions = known.get(kind);
  if (!decisions) return null;
  return probability >= threshold ? decisions.yes : decisions.no;
}
