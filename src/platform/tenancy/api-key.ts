import { createHash, randomBytes } from 'node:crypto';

const FORM = /^pk_[A-Za-z0-9_-]{43}$/;

/** A new key: `pk_` and 256 random bits as 43 base64url characters. */
export function generateKey(): string {
  return `pk_${randomBytes(32).toString('base64url')}`;
}

/** Whether a text has the form of a key; most wrong credentials need no look into the database. */
export function hasKeyForm(text: string): boolean {
  return FORM.test(text);
}

/** SHA-256 of the key, the only form in which it is stored. Its 256 random bits need no salt and no slow hash. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** The characters by which a person tells keys apart. */
export function prefixOf(key: string): string {
  return key.slice(0, 9);
}
