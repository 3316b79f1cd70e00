import { type PersonalClass } from '../../features/personal-data';
import { wordsOf } from '../mapping/name-words';
import { type ColumnProfile } from './dataset-profile';

/** That a column seems to hold personal data, for a person to confirm. Plain JSON. */
export interface PersonalProposal {
  readonly class: PersonalClass;
  readonly reason: string;
}

type Seen = Pick<ColumnProfile, 'name' | 'frequentValues'>;

/** Of the values that are looked at, so many have to be of a sort. */
const ENOUGH = 0.9;

const CONTENTS: ReadonlyArray<readonly [PersonalClass, string, (value: string) => boolean]> = [
  ['CONTACT', 'e-mail addresses', (value) => /^[^\s@"]+@[^\s@"]+\.[^\s@".]+$/.test(value)],
  ['FINANCIAL', 'card numbers', isCardNumber],
  ['FINANCIAL', 'account numbers (IBAN)', isIban],
  // With a plus or separators: without, any number could be one.
  [
    'CONTACT',
    'telephone numbers',
    (value) => /^(\+\d[\d\s().-]*|\(?\d{2,5}[)\s./-][\d\s./-]+)$/.test(value) && isLong(value),
  ],
  ['IDENTIFIER', 'addresses of devices (IP)', (value) => /^(\d{1,3}\.){3}\d{1,3}$/.test(value)],
];

/** Words of a name, all of which it has, and what they promise. */
const NAMES: ReadonlyArray<readonly [PersonalClass, readonly string[]]> = [
  ['CONTACT', ['email']],
  ['CONTACT', ['mail']],
  ['CONTACT', ['phone']],
  ['CONTACT', ['telephone']],
  ['CONTACT', ['mobile', 'number']],
  ['CONTACT', ['address']],
  ['CONTACT', ['street']],
  ['CONTACT', ['postcode']],
  ['CONTACT', ['zip']],
  ['IDENTIFIER', ['first', 'name']],
  ['IDENTIFIER', ['last', 'name']],
  ['IDENTIFIER', ['full', 'name']],
  ['IDENTIFIER', ['surname']],
  ['IDENTIFIER', ['firstname']],
  ['IDENTIFIER', ['lastname']],
  ['IDENTIFIER', ['fullname']],
  ['IDENTIFIER', ['customer', 'name']],
  ['IDENTIFIER', ['user', 'name']],
  ['IDENTIFIER', ['username']],
  ['IDENTIFIER', ['birthday']],
  ['IDENTIFIER', ['birthdate']],
  ['IDENTIFIER', ['birth', 'date']],
  ['IDENTIFIER', ['passport']],
  ['IDENTIFIER', ['ssn']],
  ['IDENTIFIER', ['social', 'security']],
  ['IDENTIFIER', ['tax', 'id']],
  ['IDENTIFIER', ['national', 'id']],
  ['FINANCIAL', ['iban']],
  ['FINANCIAL', ['card', 'number']],
  ['FINANCIAL', ['account', 'number']],
  ['FINANCIAL', ['salary']],
  ['FINANCIAL', ['income']],
  ['SPECIAL_CATEGORY', ['religion']],
  ['SPECIAL_CATEGORY', ['ethnicity']],
  ['SPECIAL_CATEGORY', ['race']],
  ['SPECIAL_CATEGORY', ['health']],
  ['SPECIAL_CATEGORY', ['diagnosis']],
  ['SPECIAL_CATEGORY', ['disability']],
  ['SPECIAL_CATEGORY', ['sexual', 'orientation']],
  ['SPECIAL_CATEGORY', ['union', 'membership']],
];

/** What a column seems to hold: by its most frequent values, or else by its name; null where nothing speaks for it. */
export function proposePersonal({ name, frequentValues }: Seen): PersonalProposal | null {
  const values = frequentValues.map(({ value }) => value.trim());
  for (const [group, what, isOne] of CONTENTS)
    if (values.length > 0 && values.filter(isOne).length >= ENOUGH * values.length)
      return { class: group, reason: `it holds what looks like ${what}` };
  const { words } = wordsOf(name);
  const found = NAMES.find(([, wanted]) => wanted.every((word) => words.includes(word)));
  return found ? { class: found[0], reason: `its name says ${found[1].join(' ')}` } : null;
}

function isLong(value: string): boolean {
  const { length } = value.replace(/\D/g, '');
  return length >= 7 && length <= 15 && !/^\d{4}-\d{2}-\d{2}/.test(value) && !/^[\d.]+$/.test(value);
}

/** 13 to 19 digits whose check digit is right (ISO/IEC 7812-1, Luhn). */
function isCardNumber(value: string): boolean {
  const digits = value.replace(/[ -]/g, '');
  if (!/^[2-6]\d{12,18}$/.test(digits)) return false;
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, place) => {
      const doubled = Number(digit) * (place % 2 === 1 ? 2 : 1);
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
  return sum % 10 === 0;
}

/** Whose check digits are right (ISO 13616, modulo 97). */
function isIban(value: string): boolean {
  const text = value.replaceAll(' ', '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(text)) return false;
  const digits = Array.from(text.slice(4) + text.slice(0, 4))
    .map((character) => parseInt(character, 36))
    .join('');
  return Array.from(digits).reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}
