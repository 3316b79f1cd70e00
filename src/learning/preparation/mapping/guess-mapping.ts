import { contentFit, type SeenColumn } from './content-fit';
import { likeness, type NameWords, SAME_NAME, SAME_SPELLED, wordsOf } from './name-words';
import { type WantedColumn } from './wanted-columns';

/** From this confidence on a guess is used without a person's word. */
export const CERTAIN = 0.9;
/** Whatever speaks for a column of another name: it is for a person to say. */
const MOST_UNCERTAIN = 0.89;
/** Less is no guess. */
const LEAST_GUESS = 0.3;
const LEAST_CANDIDATE = 0.1;
const MAX_CANDIDATES = 5;
/** Two columns nearer to each other than this could be taken for each other. */
const NEAR = 0.05;
/** Beyond so many pairs, only equal names are looked for. */
const MAX_PAIRS = 200_000;

/** A file's column that may be a wanted one. */
export interface Candidate {
  readonly source: string;
  /** 0..1 */
  readonly confidence: number;
  readonly reason: string;
}

/** What a wanted column was guessed to be; no source where nothing was found. */
export interface Guess {
  readonly source: string | null;
  readonly confidence: number;
  readonly reason: string;
  /** The best candidates, the guess among them, by falling confidence. */
  readonly candidates: readonly Candidate[];
}

interface Pair extends Candidate {
  readonly wanted: number;
  readonly index: number;
}

/**
 * Guesses which of a file's columns are the wanted ones: by name, and by what they hold. No column is taken twice; the
 * surest pairs are made first, so the same file and spec always give the same guess.
 */
export function guessMapping(wanted: readonly WantedColumn[], seen: readonly SeenColumn[]): Guess[] {
  const pairs = likelyPairs(wanted, seen);
  const byWanted = wanted.map((): Pair[] => []);
  for (const pair of pairs) byWanted[pair.wanted]?.push(pair);
  const taken = new Set<string>();
  const chosen = new Map<number, Pair>();
  for (const pair of pairs) {
    if (pair.confidence < LEAST_GUESS || chosen.has(pair.wanted) || taken.has(pair.source)) continue;
    chosen.set(pair.wanted, pair);
    taken.add(pair.source);
  }
  return byWanted.map((candidates, w): Guess => {
    const shown = candidates
      .slice(0, MAX_CANDIDATES)
      .map(({ source, confidence, reason }) => ({ source, confidence, reason }));
    const guess = chosen.get(w);
    if (!guess) return { source: null, confidence: 0, reason: 'no column is like it', candidates: shown };
    const rival = candidates.find(
      ({ source, confidence }) => !taken.has(source) && confidence > guess.confidence - NEAR,
    );
    return {
      source: guess.source,
      confidence: round(rival ? guess.confidence / 2 : guess.confidence),
      reason: rival ? `${guess.reason}; ${JSON.stringify(rival.source)} is as likely` : guess.reason,
      candidates: shown,
    };
  });
}

/** By falling confidence, then in the order of the spec and of the file. */
function likelyPairs(wanted: readonly WantedColumn[], seen: readonly SeenColumn[]): Pair[] {
  const sourceWords = seen.map(({ name }) => wordsOf(name));
  const bySpelling = new Map<string, number[]>();
  sourceWords.forEach(({ plain }, index) => {
    bySpelling.set(plain, [...(bySpelling.get(plain) ?? []), index]);
  });
  const all = seen.map((_, index) => index);
  const isMuch = wanted.length * seen.length > MAX_PAIRS;
  const pairs: Pair[] = [];
  wanted.forEach((column, w) => {
    const names = [column.name, ...column.features].map(wordsOf);
    const isOne = column.uses.some((use) => use !== 'NUMBER' && use !== 'CATEGORY');
    const equal = names.flatMap(({ plain }) => bySpelling.get(plain) ?? []);
    for (const index of isMuch && !isOne ? new Set(equal) : all) {
      const [source, words] = [seen[index], sourceWords[index]];
      const candidate = source && words && judge(column, names, { ...source, words });
      if (candidate && candidate.confidence >= LEAST_CANDIDATE)
        pairs.push({ ...candidate, wanted: w, index });
    }
  });
  return pairs.sort((a, b) => b.confidence - a.confidence || a.wanted - b.wanted || a.index - b.index);
}

function judge(
  column: WantedColumn,
  names: readonly NameWords[],
  source: SeenColumn & { readonly words: NameWords },
): Candidate {
  // The features that read a column say as much about it as its name, but only the name itself makes it certain.
  const byName = names.map((name, i) => {
    const alike = likeness(name, source.words);
    return i > 0 && alike.score > 0 ? { ...alike, score: Math.min(alike.score, 0.85) } : alike;
  });
  const name = byName.reduce((best, alike) => (alike.score > best.score ? alike : best));
  if (name.score === SAME_NAME) return { source: source.name, confidence: 1, reason: name.reason };
  const content = contentFit(
    column,
    names.flatMap(({ words }) => words),
    source,
  );
  if (content.score < 0)
    return {
      source: source.name,
      confidence: round(name.score / 2),
      reason: `${name.reason}, but ${content.reason}`,
    };
  const confidence =
    name.score >= SAME_SPELLED
      ? name.score
      : Math.min(MOST_UNCERTAIN, 1 - (1 - name.score) * (1 - content.score));
  const reason = [name.reason, content.reason].filter((text) => text !== '').join('; ');
  return { source: source.name, confidence: round(confidence), reason };
}

const round = (confidence: number): number => Math.round(confidence * 100) / 100;
