/** An input object as plain JSON: what is null or left out is absent, so that it gets its default. */
export function plainInput(input: object): object {
  return JSON.parse(JSON.stringify(input, (_key, value: unknown) => value ?? undefined)) as object;
}
