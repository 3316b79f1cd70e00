import { AppError, type Issue } from '../../../errors';
import { type FeatureSpec } from '../../features/feature-spec';
import { type ColumnMapping } from './column-mapping';
import { type SeenColumn } from './content-fit';
import { CERTAIN, type Candidate, guessMapping } from './guess-mapping';
import { type ColumnUse, describeWanted } from './wanted-columns';

export const MAPPING_BASES = ['SAME_NAME', 'GUESS', 'DECISION', 'NONE'] as const;
/** What a mapped column rests on. */
export type MappingBasis = (typeof MAPPING_BASES)[number];

/** What a person said that a wanted column is called in the file. */
export interface MappingDecision {
  readonly column: string;
  readonly source: string;
}

/** A wanted column and where it is read from. */
export interface MappedColumn {
  readonly column: string;
  readonly uses: readonly ColumnUse[];
  readonly features: readonly string[];
  /** Null where nothing is known. */
  readonly source: string | null;
  readonly basis: MappingBasis;
  /** 0..1; 1 for the same name and for a person's word. */
  readonly confidence: number;
  readonly reason: string;
  /** Nothing is trained before a person has confirmed or corrected it. */
  readonly needsConfirmation: boolean;
  readonly candidates: readonly Candidate[];
}

export interface ResolvedMapping {
  readonly columns: readonly MappedColumn[];
  /** The file's columns that nothing is read from, in the file's order. */
  readonly unread: readonly string[];
  /** Whether nothing waits for confirmation. */
  readonly isComplete: boolean;
}

/**
 * From what the spec reads to what the file has: a person's word first, then equal names, then guesses. Where all names
 * match nothing is guessed. Decisions about columns that the spec no longer reads are passed over.
 */
export function resolveMapping(
  spec: FeatureSpec,
  seen: readonly SeenColumn[],
  decisions: readonly MappingDecision[] = [],
): ResolvedMapping {
  const decided = new Map(decisions.map(({ column, source }) => [column, source]));
  const wanted = describeWanted(spec);
  const found = new Map<
    string,
    Pick<MappedColumn, 'source' | 'basis' | 'confidence' | 'reason' | 'candidates'>
  >();
  const taken = new Set<string>();
  const settle = (column: string, source: string, how: { basis: MappingBasis; reason: string }) => {
    found.set(column, {
      source,
      ...how,
      confidence: 1,
      candidates: [{ source, confidence: 1, reason: how.reason }],
    });
    taken.add(source);
  };
  for (const { name } of wanted) {
    const source = decided.get(name);
    if (source !== undefined && !taken.has(source))
      settle(name, source, { basis: 'DECISION', reason: 'a person said so' });
  }
  const names = new Set(seen.map(({ name }) => name));
  for (const { name } of wanted)
    if (!found.has(name) && names.has(name) && !taken.has(name))
      settle(name, name, { basis: 'SAME_NAME', reason: 'the same name' });

  const open = wanted.filter(({ name }) => !found.has(name));
  const free = seen.filter(({ name }) => !taken.has(name));
  guessMapping(open, once(free)).forEach((guess, i) => {
    if (guess.source !== null) taken.add(guess.source);
    found.set(open[i]?.name ?? '', { ...guess, basis: guess.source === null ? 'NONE' : 'GUESS' });
  });
  const columns = wanted.flatMap(({ name, uses, features }): MappedColumn[] => {
    const mapped = found.get(name);
    return mapped
      ? [{ column: name, uses, features, ...mapped, needsConfirmation: mapped.confidence < CERTAIN }]
      : [];
  });
  return {
    columns,
    unread: seen.map(({ name }) => name).filter((name) => !taken.has(name)),
    isComplete: columns.every(({ needsConfirmation }) => !needsConfirmation),
  };
}

/**
 * A complete mapping, by name: every column that the spec reads is in it.
 * @throws AppError MAPPING_UNCONFIRMED with an issue for each column that a person has to confirm
 */
export function confirmedMapping({ columns, unread }: ResolvedMapping): ColumnMapping {
  const open = columns.filter(({ needsConfirmation }) => needsConfirmation);
  if (open.length > 0) {
    const names = open.slice(0, 10).map(({ column }) => column);
    throw new AppError(
      'MAPPING_UNCONFIRMED',
      `It is not certain where ${names.join(', ')}${open.length > names.length ? ', …' : ''} ${open.length === 1 ? 'is' : 'are'} in the file: confirm or correct the dataset's mapping with mapDataset. Columns that nothing reads: ${listed(unread)}.`,
      open.map(unconfirmed),
    );
  }
  return Object.fromEntries(
    columns.flatMap(({ column, source }) => (source === null ? [] : [[column, source]])),
  );
}

function unconfirmed({ column, source, confidence, reason }: MappedColumn): Issue {
  const message =
    source === null
      ? 'is not in the header'
      : `is perhaps ${JSON.stringify(source)} (confidence ${confidence.toFixed(2)}: ${reason})`;
  return { path: column, message };
}

/**
 * Checks what a person says about a file's columns, together with what was said before.
 * @throws AppError BAD_USER_INPUT with an issue for each entry that cannot be
 */
export function checkDecisions(
  spec: FeatureSpec,
  seen: readonly SeenColumn[],
  {
    before,
    now,
  }: { before: readonly MappingDecision[]; now: ReadonlyArray<{ column: string; source: string | null }> },
): MappingDecision[] {
  const wanted = new Map(describeWanted(spec).map((column) => [column.name, column]));
  const names = seen.map(({ name }) => name);
  const issues: Issue[] = [];
  now.forEach(({ column, source }, i) => {
    const complain = (field: string, message: string) =>
      issues.push({ path: `columns.${i}.${field}`, message });
    if (!wanted.has(column))
      complain(
        'column',
        `the configuration reads no column ${JSON.stringify(column)}; it reads ${listed([...wanted.keys()])}`,
      );
    if (now.findIndex((other) => other.column === column) !== i) complain('column', 'is mapped twice');
    if (source !== null && !names.includes(source))
      complain('source', `the file has no column ${JSON.stringify(source)}; it has ${listed(names)}`);
    else if (source !== null && names.indexOf(source) !== names.lastIndexOf(source))
      complain('source', `the file has ${JSON.stringify(source)} more than once`);
  });
  const merged = new Map(before.map(({ column, source }) => [column, source]));
  for (const { column, source } of now) {
    if (source === null) merged.delete(column);
    else merged.set(column, source);
  }
  now.forEach(({ column, source }, i) => {
    const other = [...wanted.keys()].find((name) => name !== column && (merged.get(name) ?? name) === source);
    if (source === null || other === undefined) return;
    const labels = [column, other].filter((name) => wanted.get(name)?.uses.includes('LABEL') === true);
    const message =
      labels.length > 0
        ? `${JSON.stringify(source)} would be both the label and ${labels[0] === column ? other : column}, which would know the answer`
        : `${JSON.stringify(source)} is ${other} already: no column is read as two`;
    issues.push({ path: `columns.${i}.source`, message });
  });
  if (issues.length > 0)
    throw new AppError('BAD_USER_INPUT', `The mapping cannot be: ${issues[0]?.message ?? ''}.`, issues);
  return [...merged].map(([column, source]) => ({ column, source }));
}

/** Columns whose name is there once: the others cannot be told apart. */
function once(seen: readonly SeenColumn[]): SeenColumn[] {
  const counts = new Map<string, number>();
  for (const { name } of seen) counts.set(name, (counts.get(name) ?? 0) + 1);
  return seen.filter(({ name }) => counts.get(name) === 1);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name));
  return shown.length === 0 ? 'none' : `${shown.join(', ')}${names.length > shown.length ? ', …' : ''}`;
}
