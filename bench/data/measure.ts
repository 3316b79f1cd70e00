import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { median, significant } from '../statistics';
import { writeParquet } from './duckdb-side';
import { writeEventLog } from './event-log';
import { type DataOptions } from './options';
import { type SideInput } from './side';

const measured = z.strictObject({
  examples: z.number(),
  positives: z.number(),
  historyEvents: z.number(),
  seconds: z.number(),
  peakBytes: z.number(),
});
type Measured = z.infer<typeof measured>;

export interface DataResult {
  readonly events: number;
  readonly examples: number;
  /** From the file to encoded batches; the median of all runs, as of DuckDB. */
  readonly seconds: number;
  readonly duckdbSeconds: number;
  readonly ratio: number;
  /** The most of all runs, of our whole process with DuckDB in it; 2^20 bytes. */
  readonly peakMemoryMb: number;
}

/** Generates events, and has both sides make examples of them, in turn, each time in a new process. */
export async function measure(
  events: number,
  { format, pairs }: DataOptions,
  progress: (line: string) => void,
): Promise<DataResult> {
  const workDirectory = await mkdtemp(path.join(tmpdir(), 'propensity-bench-'));
  try {
    progress(`${events} events: generating`);
    const csv: SideInput = { path: path.join(workDirectory, 'events.csv'), format: 'csv', workDirectory };
    await writeEventLog(csv.path, events);
    const input =
      format === 'csv' ? csv : { ...csv, path: path.join(workDirectory, 'events.parquet'), format };
    if (format === 'parquet') {
      await writeParquet(csv, input.path);
      await rm(csv.path);
    }
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let pair = 1; pair <= pairs; pair++)
      for (const [side, results] of [
        ['ours', ours],
        ['DuckDB', theirs],
      ] as const) {
        const result = await inChild(side, input);
        results.push(result);
        const peak = Math.round(result.peakBytes / 2 ** 20);
        progress(`${events} events, ${side}: ${significant(result.seconds)} s, ${peak} MB at most`);
      }
    return summary(events, ours, theirs);
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
}

function summary(events: number, ours: readonly Measured[], theirs: readonly Measured[]): DataResult {
  const found = ({ examples, positives, historyEvents }: Measured) =>
    JSON.stringify({ examples, positives, historyEvents });
  const different = new Set([...ours, ...theirs].map(found));
  if (different.size > 1) throw new Error(`both sides should find the same: ${[...different].join(', ')}`);
  const seconds = median(ours.map((run) => run.seconds));
  const duckdbSeconds = median(theirs.map((run) => run.seconds));
  return {
    events,
    examples: ours[0]?.examples ?? 0,
    seconds: significant(seconds),
    duckdbSeconds: significant(duckdbSeconds),
    ratio: significant(seconds / duckdbSeconds, 3),
    peakMemoryMb: Math.round(Math.max(...ours.map((run) => run.peakBytes)) / 2 ** 20),
  };
}

async function inChild(side: 'ours' | 'DuckDB', { path: file, format, workDirectory }: SideInput) {
  const child = fork(path.join(__dirname, 'measured-child'), [side, file, format, workDirectory]);
  const ended = once(child, 'exit');
  let answer: unknown = null;
  child.on('message', (message) => (answer = message));
  await ended;
  const parsed = measured.safeParse(answer);
  if (!parsed.success) throw new Error(`the process that measures ${side} ended with ${child.exitCode}`);
  return parsed.data;
}
