import { type OptionValues, type Suite, UsageError } from '../suite';

/** What the suite measures; the order of the result. */
export const PARTS = ['results', 'scaling', 'memory', 'matmul'] as const;
export type Part = (typeof PARTS)[number];

export const options: Suite['options'] = {
  models: { type: 'string' },
  batches: { type: 'string' },
  parts: { type: 'string' },
  pairs: { type: 'string' },
  threads: { type: 'string' },
  quick: { type: 'boolean' },
};

export const help: Suite['help'] = {
  models: 'reference and domains, comma-separated: all unless given',
  batches: 'examples per step, comma-separated: 64,256,1024 unless given',
  parts: `any of ${PARTS.join()}: all, or results alone where models or batches are selected`,
  pairs: 'runs of each side, taken in turn: 3 unless given',
  threads: 'on each side: 2 unless given',
  quick: 'short runs, one pair: whether it works, not how fast',
};

export interface TrainingOptions {
  /** Null for all that there are. */
  readonly models: readonly string[] | null;
  readonly batches: readonly number[];
  readonly parts: ReadonlySet<Part>;
  readonly pairs: number;
  readonly threads: number;
  /** How long one run takes, about: long enough to be more than noise, short enough that a pair sees the same. */
  readonly secondsPerRun: number;
  readonly quick: boolean;
}

/** @throws UsageError naming the option and what it may be. */
export function readOptions(values: OptionValues): TrainingOptions {
  const quick = values['quick'] === true;
  const models = list(values, 'models');
  const batches = list(values, 'batches');
  const selective = models !== null || batches !== null;
  const parts = list(values, 'parts') ?? (selective ? ['results'] : PARTS);
  return {
    models,
    batches: (batches ?? ['64', '256', '1024']).map((text) => positive('batches', text)),
    parts: new Set(parts.map(part)),
    pairs: positive('pairs', text(values, 'pairs') ?? (quick ? '1' : '3')),
    threads: positive('threads', text(values, 'threads') ?? '2'),
    secondsPerRun: quick ? 0.1 : 1.2,
    quick,
  };
}

function text(values: OptionValues, name: string): string | null {
  const value = values[name];
  return typeof value === 'string' ? value : null;
}

function list(values: OptionValues, name: string): string[] | null {
  const items = text(values, name)?.split(',') ?? null;
  if (items?.some((item) => item === '')) throw new UsageError(`--${name} has an empty item`);
  return items;
}

function positive(name: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new UsageError(`--${name} takes whole numbers above 0, not ${text}`);
  return Number(text);
}

function part(name: string): Part {
  const found = PARTS.find((candidate) => candidate === name);
  if (!found) throw new UsageError(`--parts takes ${PARTS.join(', ')}, not ${name}`);
  return found;
}
