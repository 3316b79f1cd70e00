/** What people shorten. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  acc: 'account',
  acct: 'account',
  addr: 'address',
  amt: 'amount',
  avg: 'average',
  bal: 'balance',
  cat: 'category',
  cd: 'code',
  cnt: 'count',
  cust: 'customer',
  desc: 'description',
  dob: 'birthday',
  dt: 'date',
  dur: 'duration',
  emp: 'employment',
  evt: 'event',
  freq: 'frequency',
  hist: 'history',
  idx: 'index',
  img: 'image',
  lim: 'limit',
  loc: 'location',
  max: 'maximum',
  min: 'minimum',
  msg: 'message',
  no: 'number',
  nr: 'number',
  num: 'number',
  os: 'operating system',
  pct: 'percent',
  perc: 'percent',
  prod: 'product',
  pymt: 'payment',
  qty: 'quantity',
  ref: 'referrer',
  sec: 'seconds',
  secs: 'seconds',
  sess: 'session',
  src: 'source',
  tm: 'time',
  ts: 'timestamp',
  txn: 'transaction',
  usr: 'user',
  val: 'value',
};

/** Words that mean the same in such data; each row is one meaning. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['user', 'customer', 'client', 'visitor', 'member', 'account', 'subject', 'person', 'borrower', 'shopper'],
  ['time', 'timestamp', 'date', 'datetime', 'moment', 'day', 'when', 'at'],
  ['kind', 'type', 'event', 'action', 'activity'],
  ['label', 'target', 'outcome', 'class', 'response', 'y'],
  ['buy', 'bought', 'purchase', 'purchased', 'converted', 'conversion', 'order', 'ordered', 'revenue'],
  ['click', 'clicked', 'clicks'],
  ['default', 'defaulted', 'bad', 'delinquent'],
  ['price', 'cost', 'amount', 'value', 'sum'],
  ['category', 'group', 'segment', 'department'],
  ['brand', 'manufacturer', 'vendor', 'maker'],
  ['item', 'product', 'sku', 'article', 'ad', 'advert'],
  ['duration', 'dwell', 'seconds', 'length', 'elapsed'],
  ['quantity', 'count', 'number', 'total'],
  ['source', 'channel', 'referrer', 'medium'],
  ['country', 'nation', 'land'],
  ['gender', 'sex'],
  ['device', 'platform'],
];

/** Words that add nothing to others: `user` is `user_id`. */
const FILLERS = new Set(['id', 'code', 'key', 'the', 'of', 'in', 'is', 'has', 'column', 'field', 'name']);

const MEANING = new Map(
  SYNONYMS.flatMap((words) => words.map((word) => [singular(word), words[0] ?? word] as const)),
);

/** A column's name, taken apart. */
export interface NameWords {
  readonly name: string;
  /** Letters and digits only, lower case: equal for other spellings of one name. */
  readonly plain: string;
  /** Its words without abbreviations, in the singular, sorted. */
  readonly words: readonly string[];
  /** The meanings of those that say something, sorted, each once. */
  readonly meanings: readonly string[];
}

/** `CustomerID`, `customer-id` and `cust_id` have the same words; `user_id` has the same meaning. */
export function wordsOf(name: string): NameWords {
  const parts = name
    .normalize('NFKC')
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/(\p{L})(\d)/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '');
  const words = parts
    .flatMap((part) => (Object.hasOwn(ABBREVIATIONS, part) ? (ABBREVIATIONS[part] ?? part) : part).split(' '))
    .map(singular);
  const telling = words.filter((word) => !FILLERS.has(word));
  const meanings = (telling.length > 0 ? telling : words).map((word) => MEANING.get(word) ?? word);
  return {
    name,
    plain: parts.join(''),
    words: [...words].sort(),
    meanings: [...new Set(meanings)].sort(),
  };
}

/** Good enough to see that two names are one: both are treated alike. */
function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

/** How alike two names are, 0..1, and in what. */
export interface NameLikeness {
  readonly score: number;
  readonly reason: string;
}

export const SAME_NAME = 1;
/** Another spelling of the same name. */
export const SAME_SPELLED = 0.95;
const SAME_WORDS = 0.85;
const SAME_MEANING = 0.7;
/** Of names that share some of their words or letters. */
const MOST_SIMILAR = 0.6;
const LEAST_SIMILAR = 0.5;

export function likeness(a: NameWords, b: NameWords): NameLikeness {
  if (a.name === b.name) return { score: SAME_NAME, reason: 'the same name' };
  if (a.plain !== '' && a.plain === b.plain)
    return { score: SAME_SPELLED, reason: 'the same name in another spelling' };
  if (a.words.length > 0 && sameList(a.words, b.words))
    return { score: SAME_WORDS, reason: 'the same words, written otherwise' };
  if (a.meanings.length > 0 && sameList(a.meanings, b.meanings))
    return { score: SAME_MEANING, reason: 'a name of the same meaning' };
  const shared = Math.max(overlap(a.meanings, b.meanings), overlap(pairsOf(a.plain), pairsOf(b.plain)));
  return shared >= LEAST_SIMILAR
    ? { score: MOST_SIMILAR * shared, reason: 'a similar name' }
    : { score: 0, reason: '' };
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

/** The coefficient of Sørensen and Dice: twice what is shared, of what both have. */
function overlap(a: readonly string[], b: readonly string[]): number {
  const inB = new Set(b);
  const shared = new Set(a.filter((item) => inB.has(item))).size;
  return a.length + b.length === 0 ? 0 : (2 * shared) / (new Set(a).size + inB.size);
}

function pairsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2));
}
