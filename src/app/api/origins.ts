/** Pages of which origins a browser lets use the API: `*` for all, an empty list for those of its own origin alone. */
export type AllowedOrigins = '*' | readonly string[];

/**
 * Whether a WebSocket may be opened, which browsers do not keep to the rules of CORS. Who sends no `Origin` is no
 * browser.
 */
export function mayConnect(
  { origin, host }: { readonly origin?: string | undefined; readonly host?: string | undefined },
  allowed: AllowedOrigins,
): boolean {
  if (origin === undefined || allowed === '*' || allowed.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
