import { createHmac, randomBytes } from 'node:crypto';

export const SIGNATURE_HEADER = 'propensity-signature';
export const DELIVERY_HEADER = 'propensity-delivery';

/** A secret that deliveries are signed with: `whsec_` and 32 random bytes, base64url. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64url')}`;

/**
 * `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` under the secret as it is written. The moment is signed
 * too, so that a receiver can refuse what is sent again later.
 */
export function signatureOf(secret: string, body: string, at: Date): string {
  const t = Math.floor(at.getTime() / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}
