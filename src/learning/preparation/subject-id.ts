/** An example's id together with its subject: neither is limited in what it holds. */
export function idWithSubject(id: string, subject: string): string {
  return `${id.length}:${id}${subject}`;
}

/** What `idWithSubject` has put together. */
export function splitSubject(text: string): { readonly id: string; readonly subject: string } {
  const colon = text.indexOf(':');
  const end = colon + 1 + Number(text.slice(0, colon));
  return { id: text.slice(colon + 1, end), subject: text.slice(end) };
}
