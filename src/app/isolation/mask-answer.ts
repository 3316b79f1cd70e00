import { randomBytes, randomUUID } from 'node:crypto';
import { type Answer } from './party';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
const TOKEN = /[A-Za-z0-9_-]{24,}/g;
const NUMBER = /-?\d+(\.\d+)?(e[+-]?\d+)?/g;

/**
 * An answer ever more coarsely: with the ids sent, ids, times and tokens left out; with numbers left out, which count up; and its
 * bare form, for answers that are never the same.
 */
export interface Masked {
  readonly exact: string;
  readonly countless: string;
  readonly form: string;
}

export function masked(answer: Pick<Answer, 'status' | 'text' | 'data' | 'errors'>, sent: string): Masked {
  const isGraphql = answer.data !== null || answer.errors.length > 0;
  const content = isGraphql ? JSON.stringify([answer.data, answer.errors]) : answer.text;
  const text = without(content, sent).replace(UUID, '‹id›').replace(TIME, '‹time›').replace(TOKEN, '‹token›');
  const exact = `${answer.status} ${text}`;
  return {
    exact,
    countless: exact.replace(NUMBER, '‹n›'),
    form: `${answer.status} ${JSON.stringify(formOf([answer.data, answer.errors.map(({ code }) => code)]))}`,
  };
}

/** Which types and members there are, and what is null. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(formOf);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === '__typename' ? inner : formOf(inner)]),
  );
}

/** Two texts where they part, short enough for a line. */
export function parting(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const excerpt = (text: string): string => text.slice(Math.max(0, at - 80), at + 80);
  return `${excerpt(one)} instead of ${excerpt(other)}`;
}

/** A text without what was sent, in whichever case it comes back. */
export function without(text: string, sent: string): string {
  if (sent === '') return text;
  const escaped = JSON.stringify(sent).slice(1, -1);
  return [escaped, sent, sent.toLowerCase()].reduce((rest, each) => rest.replaceAll(each, '‹sent›'), text);
}

/** A text of the same form that nobody ever had: other ids, other letters and digits. */
export function alike(text: string): string {
  if (text.search(UUID) >= 0) return text.replace(UUID, anotherUuid);
  const decoded = Buffer.from(text, 'base64url');
  const plain = decoded.toString('utf8');
  if (/^[\x20-\x7e]{4,}$/.test(plain) && decoded.toString('base64url') === text)
    return Buffer.from(alike(plain)).toString('base64url');
  return text.replace(/[0-9a-f]/g, (letter) => {
    const byte = randomBytes(1)[0] ?? 0;
    return /\d/.test(letter) ? String(byte % 10) : String.fromCharCode(97 + (byte % 6));
  });
}

/** Of the same version, and of the same moment where the version says one. */
function anotherUuid(uuid: string): string {
  return uuid[14] === '7' ? `${uuid.slice(0, 14)}7${randomUUID().slice(15)}` : randomUUID();
}
