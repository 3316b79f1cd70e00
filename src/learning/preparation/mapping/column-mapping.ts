/**
 * From the columns that a spec reads to those of a file, by name. A column that is not in here has the same name in both.
 * No two have the same source.
 */
export type ColumnMapping = Readonly<Record<string, string>>;

/** What the file calls a column that the spec reads. */
export function sourceOf(mapping: ColumnMapping, wanted: string): string {
  return Object.hasOwn(mapping, wanted) ? (mapping[wanted] ?? wanted) : wanted;
}

/**
 * A file's header in the spec's words. A column whose name the spec reads from another column is renamed, so that it
 * is not taken for it.
 */
export function mappedHeader(header: readonly string[], mapping: ColumnMapping): string[] {
  const wantedBySource = new Map(Object.entries(mapping).map(([wanted, source]) => [source, wanted]));
  return header.map(
    (name) => wantedBySource.get(name) ?? (Object.hasOwn(mapping, name) ? `${name} (not read)` : name),
  );
}
