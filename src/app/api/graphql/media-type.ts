const JSON_TYPE = 'application/json';
const RESPONSE_TYPE = 'application/graphql-response+json';
const OFFERED: readonly string[] = [JSON_TYPE, RESPONSE_TYPE];

/**
 * The type that an answer has: the client's first choice of the two that GraphQL over HTTP knows.
 * @returns null when the client takes neither
 */
export function answerType(accept: string | undefined): string | null {
  if (accept === undefined || accept === '*/*' || accept === JSON_TYPE) return JSON_TYPE;
  const ranges = accept
    .split(',')
    .map(rangeOf)
    .filter(({ quality }) => quality > 0)
    .sort((left, right) => right.quality - left.quality);
  for (const { type } of ranges) {
    const found = OFFERED.find((offered) => type === offered || type === 'application/*' || type === '*/*');
    if (found !== undefined) return found;
  }
  return null;
}

function rangeOf(text: string): { readonly type: string; readonly quality: number } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 };
}
