/** What the choice of items reads of a stored event. */
export interface ItemEvent {
  readonly subjectId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: string;
  /** Null for events that are of no item, such as visits. */
  readonly itemId: string | null;
  readonly category: string | null;
  readonly brand: string | null;
  readonly price: number | null;
}

/** Which kinds of events mean what. Every other kind with an item is a look at it. */
export interface ItemKinds {
  readonly purchase: string;
  readonly basket: string;
}

export const DAY_MS = 86_400_000;
