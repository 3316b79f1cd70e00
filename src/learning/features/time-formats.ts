import { trimText } from './cell-text';
import { parseMoment } from './moment';

const DAYS = [
  '%d/%m/%Y',
  '%m/%d/%Y',
  '%d.%m.%Y',
  '%d-%m-%Y',
  '%m-%d-%Y',
  '%Y/%m/%d',
  '%Y.%m.%d',
  '%d %b %Y',
  '%b %d, %Y',
];
const CLOCKS = ['', ' %H:%M', ' %H:%M:%S'];
/** Without anything between the parts, each has all its digits. */
const COMPACT = ['%Y%m%d', '%Y%m%d%H%M%S'];

/** Seconds since 1970, and milliseconds; fewer digits than these by one were written until September 2001. */
export const UNIX_FORMATS: Readonly<Record<string, { readonly digits: number; readonly toMs: number }>> = {
  unix: { digits: 10, toMs: 1000 },
  unixms: { digits: 13, toMs: 1 },
};

/** Ways to write a moment besides ISO 8601, as `strptime` names them; `unix` is seconds since 1970, `unixms` milliseconds. */
export const TIME_FORMATS: readonly string[] = [
  ...DAYS.flatMap((day) => CLOCKS.map((clock) => day + clock)),
  ...COMPACT,
  ...Object.keys(UNIX_FORMATS),
];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** What a format's parts may look like. */
const PARTS: Readonly<Record<string, { readonly short: string; readonly full: string }>> = {
  d: { short: '[0-9]{1,2}', full: '[0-9]{2}' },
  m: { short: '[0-9]{1,2}', full: '[0-9]{2}' },
  Y: { short: '[0-9]{1,4}', full: '[0-9]{4}' },
  b: { short: '[A-Za-z]{3}', full: '[A-Za-z]{3}' },
  H: { short: '[0-9]{1,2}', full: '[0-9]{2}' },
  M: { short: '[0-9]{1,2}', full: '[0-9]{2}' },
  S: { short: '[0-9]{1,2}', full: '[0-9]{2}' },
};

/** A whole trimmed text that looks as a format says, its parts in groups: means the same to JavaScript and to DuckDB. */
export function formatPattern(format: string): string {
  const unix = UNIX_FORMATS[format];
  if (unix) return `([0-9]{${unix.digits - 1},${unix.digits}}(?:\\.[0-9]+)?)`;
  const width = COMPACT.includes(format) ? 'full' : 'short';
  return format
    .replaceAll('.', '\\.')
    .replaceAll(' ', ' +')
    .replace(/%(\w)/g, (_, part: string) => `(${PARTS[part]?.[width] ?? ''})`);
}

const compiled = new Map<string, { readonly pattern: RegExp; readonly parts: readonly string[] }>();

function compile(format: string) {
  const known = compiled.get(format);
  if (known) return known;
  const pattern = new RegExp(`^${formatPattern(format)}$`);
  const reading = { pattern, parts: [...format.matchAll(/%(\w)/g)].map(([, part = '']) => part) };
  compiled.set(format, reading);
  return reading;
}

/** Milliseconds since 1970 of a moment that is written in a format of {@link TIME_FORMATS}, in UTC; `NaN` for anything else. */
export function parseFormat(text: string, format: string): number {
  const { pattern, parts } = compile(format);
  const groups = pattern.exec(trimText(text))?.slice(1);
  if (!groups) return NaN;
  const unix = UNIX_FORMATS[format];
  if (unix) return Number(groups[0]) * unix.toMs;
  const value = (part: string): number => {
    const group = groups[parts.indexOf(part)] ?? '0';
    return part === 'b' ? MONTHS.indexOf(group.toLowerCase()) + 1 : Number(group);
  };
  const [year, day, hour, minute, second] = ['Y', 'd', 'H', 'M', 'S'].map(value) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const month = value(parts.includes('b') ? 'b' : 'm');
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal && hour < 24 && minute < 60 && second < 60
    ? date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
    : NaN;
}

/** As {@link parseMoment}, or else as the first of the formats that fits. */
export function parseMomentAs(text: string, formats: readonly string[] = []): number {
  let ms = parseMoment(text);
  for (let i = 0; Number.isNaN(ms) && i < formats.length; i++) ms = parseFormat(text, formats[i] ?? '');
  return ms;
}

/** What a text must be to be read. */
export function wantedMoment(formats: readonly string[] = []): string {
  const span = 'between the years 1900 and 2200';
  return formats.length === 0
    ? `ISO 8601 moment ${span}`
    : `moment ${span}, in ISO 8601 or as ${formats.join(', ')}`;
}
