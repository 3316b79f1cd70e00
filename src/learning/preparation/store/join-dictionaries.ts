/** One dictionary for several columns. */
export interface JoinedDictionary {
  readonly dictionary: readonly string[];
  /** Per column: from its own code to that of the dictionary; null where they are the same. */
  readonly codes: readonly Int32Array[] | null;
}

/** In byte order as those that it is made of, so that a category has one code in all columns. */
export function joinDictionaries(dictionaries: ReadonlyArray<readonly string[]>): JoinedDictionary {
  const [only = ['']] = dictionaries;
  if (dictionaries.length <= 1) return { dictionary: only, codes: null };
  const dictionary = [...new Set(dictionaries.flat())].sort(inByteOrder);
  const codeOf = new Map(dictionary.map((category, code) => [category, code]));
  return {
    dictionary,
    codes: dictionaries.map((own) => Int32Array.from(own, (category) => codeOf.get(category) ?? 0)),
  };
}

/** The empty string, missing, is first. */
const inByteOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
