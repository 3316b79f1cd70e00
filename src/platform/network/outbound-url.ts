import { isIP } from 'node:net';
import { isPublicAddress } from './public-address';

export const OUTBOUND_TARGETS = ['public', 'any'] as const;
/** `public`: https on the public internet; `any`: also http, and the addresses of one's own network. */
export type OutboundTargets = (typeof OUTBOUND_TARGETS)[number];

const MAX_LENGTH = 2_000;

/**
 * What keeps a URL that a tenant gave from being one that the platform calls; null when nothing does. Names are resolved
 * only when it is called.
 */
export function outboundUrlProblem(text: string, targets: OutboundTargets): string | null {
  if (text.length > MAX_LENGTH) return `must be at most ${MAX_LENGTH} characters`;
  if (!URL.canParse(text)) return 'must be a URL, such as https://example.com/path';
  const url = new URL(text);
  const schemes = targets === 'any' ? ['https:', 'http:'] : ['https:'];
  if (!schemes.includes(url.protocol)) return `must begin with ${schemes.map((s) => `${s}//`).join(' or ')}`;
  if (url.username !== '' || url.password !== '') return 'must hold no name and no password';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (targets === 'public' && isIP(host) !== 0 && !isPublicAddress(host))
    return 'must lie on the public internet, and this address does not';
  return null;
}
