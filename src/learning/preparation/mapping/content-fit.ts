import { type ColumnType } from '../csv-inspection';
import { type ColumnSketch } from './column-sketch';
import { type ColumnUse, type WantedColumn } from './wanted-columns';

/** A file's column as far as it is known: files received before sketches were made have the first two alone. */
export type SeenColumn = Pick<ColumnSketch, 'name' | 'type'> & Partial<ColumnSketch>;

/** How well what a column holds fits what a spec reads it as. */
export interface ContentFit {
  /** 0..1: how much it speaks for the column. Below 0: it contradicts. */
  readonly score: number;
  readonly reason: string;
}

const NOTHING: ContentFit = { score: 0, reason: '' };
/** Numbers that words in a name promise. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  age: [0, 120],
  rate: [0, 1],
  ratio: [0, 1],
  share: [0, 1],
  probability: [0, 1],
  percent: [0, 100],
  year: [1900, 2200],
  month: [1, 12],
  hour: [0, 24],
  weekday: [0, 7],
};

/** The strongest argument of the wanted column's uses; one that contradicts outweighs all. */
export function contentFit(wanted: WantedColumn, words: readonly string[], seen: SeenColumn): ContentFit {
  if (seen.type === 'empty') return { score: -1, reason: 'it is empty' };
  const fits = wanted.uses.map((use) => FITS[use](seen, wanted));
  if (wanted.uses.includes('NUMBER')) fits.push(rangeFit(words, seen));
  const against = fits.find(({ score }) => score < 0);
  return against ?? fits.reduce((best, fit) => (fit.score > best.score ? fit : best), NOTHING);
}

const FITS: Readonly<Record<ColumnUse, (seen: SeenColumn, wanted: WantedColumn) => ContentFit>> = {
  LABEL: (seen, { values: positive }) => {
    const { values, distinct } = seen;
    if (distinct === undefined) return NOTHING;
    if (positive.length === 0) return NOTHING;
    const given = (values ?? []).map((value) => value.trim());
    if (!given.some((value) => positive.includes(value)))
      return { score: -1, reason: 'it holds no positive label' };
    if (distinct === 2) return { score: 0.5, reason: 'it holds two values, of which one is positive' };
    return { score: 0.1, reason: 'it holds positive labels' };
  },
  TIME: (seen) => {
    const { type } = seen;
    if (type === 'moment') return { score: 0.6, reason: 'it holds ISO 8601 moments' };
    const unix = unixTimeOf(seen);
    if (unix !== null) return { score: 0.3, reason: `its numbers may be ${unix} since 1970` };
    return type === 'categorical' ? NOTHING : { score: -1, reason: 'it holds no moments' };
  },
  KIND: ({ values, distinct }, { values: kinds }) => {
    if (distinct === undefined || kinds.length === 0) return NOTHING;
    const found = kinds.filter((kind) => values?.includes(kind) === true).length;
    if (found === 0) return { score: -1, reason: 'it holds none of the kinds of event' };
    return found === kinds.length
      ? { score: 0.8, reason: `it holds the kinds of event ${kinds.slice(0, 5).join(', ')}` }
      : { score: 0.5, reason: `it holds ${found} of ${kinds.length} kinds of event` };
  },
  SUBJECT: ({ type, given = 0, distinct }) => {
    if (type === 'moment') return { score: -1, reason: 'it holds moments' };
    if (distinct === 1) return { score: -1, reason: 'it holds one value only' };
    return distinct !== undefined && distinct < given && distinct > given / 1000
      ? { score: 0.3, reason: 'its values come again, as those of subjects do' }
      : NOTHING;
  },
  ID: ({ given, distinct }) => {
    if (given === undefined) return NOTHING;
    return given === distinct
      ? { score: 0.3, reason: 'its values are all different' }
      : { score: -1, reason: 'its values come again' };
  },
  ENTITY: () => NOTHING,
  SESSION: () => NOTHING,
  CONDITION: () => NOTHING,
  NUMBER: ({ type }) => {
    const holds: Partial<Record<ColumnType, ContentFit>> = {
      numeric: { score: 0.15, reason: 'it holds numbers' },
    };
    return holds[type] ?? { score: -1, reason: 'it holds no numbers' };
  },
  CATEGORY: ({ type, given = 0, distinct }) => {
    if (type === 'moment') return { score: -1, reason: 'it holds moments' };
    return distinct !== undefined && given > 50 && distinct < given / 2
      ? { score: 0.15, reason: 'its values come again, as categories do' }
      : NOTHING;
  },
  MOMENT: ({ type }) => {
    if (type === 'moment') return { score: 0.3, reason: 'it holds ISO 8601 moments' };
    return type === 'categorical' ? NOTHING : { score: -1, reason: 'it holds no moments' };
  },
  TEXT: ({ type }) => (type === 'moment' ? { score: -1, reason: 'it holds moments' } : NOTHING),
};

/** Of moments between 2001 and 2065, which are no other numbers that data is full of. */
function unixTimeOf({ type, min, max }: SeenColumn): string | null {
  if (type !== 'numeric' || min == null || max == null) return null;
  if (min >= 1e9 && max < 3e9) return 'seconds';
  return min >= 1e12 && max < 3e12 ? 'milliseconds' : null;
}

function rangeFit(words: readonly string[], { min, max }: SeenColumn): ContentFit {
  const word = words.find((candidate) => Object.hasOwn(RANGES, candidate));
  const range = word === undefined ? undefined : RANGES[word];
  if (!range || min == null || max == null) return NOTHING;
  return min >= range[0] && max <= range[1]
    ? { score: 0.35, reason: `its numbers are between ${min} and ${max}, as "${word ?? ''}" suggests` }
    : NOTHING;
}
