/** The categories of some places, missing until they are written. */
export interface Categories<Values> {
  readonly values: Values;
  /** Writes the codes from one to before another, of the dictionary, at a place and those after it. */
  readonly writeCodes: (place: number, codes: Int32Array, from: number, to: number) => void;
  readonly write: (place: number, category: string) => void;
}

/** How categories are told: as their texts, or as what stands for them. */
export interface CategoryForm<Values> {
  /** @param dictionary what codes stand for; nothing unless given */
  readonly categories: (
    feature: { readonly name: string },
    places: number,
    dictionary?: readonly string[],
  ) => Categories<Values>;
}

export const textsOf: CategoryForm<readonly string[]> = {
  categories(_feature, places, dictionary = []) {
    const values = new Array<string>(places).fill('');
    return {
      values,
      writeCodes: (place, codes, from, to) => {
        for (let at = from; at < to; at++) values[place + at - from] = dictionary[codes[at] ?? 0] ?? '';
      },
      write: (place, category) => {
        values[place] = category;
      },
    };
  },
};
