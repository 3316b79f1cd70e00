import { createHash, randomBytes } from 'node:crypto';

const FORM = /^inv_[A-Za-z0-9_-]{43}$/;

/** A new token: `inv_` and 256 random bits as 43 base64url characters. */
export function generateInvitation(): string {
  return `inv_${randomBytes(32).toString('base64url')}`;
}

export function hasInvitationForm(text: string): boolean {
  return FORM.test(text);
}

/** SHA-256, the only form in which it is stored. Its 256 random bits need no salt and no slow hash. */
export function hashInvitation(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
