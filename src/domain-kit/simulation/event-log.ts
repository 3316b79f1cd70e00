import { type GeneratedData } from '../types';
import { type Mess, messUp } from './mess';
import { mergeByTime } from './merge';

export type Cell = string | number | boolean | null;

/** One row of the log before anything goes wrong with it. */
export interface LoggedEvent {
  /** Milliseconds since the epoch; whole seconds, strictly increasing within a subject. */
  readonly at: number;
  readonly kind: string;
  /** By column; absent and null are empty cells. */
  readonly cells: Readonly<Record<string, Cell>>;
  /** At a moment of prediction: the probability that its label was drawn with, in (0, 1). */
  readonly truth?: number;
}

/** Everything that one subject does, in order of time. */
export interface Timeline {
  readonly subject: string;
  readonly events: Iterable<LoggedEvent>;
}

export interface EventLogOptions {
  readonly seed: number;
  readonly subjectColumn: string;
  /** Besides `event_id`, the subject's column, `at` and `kind`, which come first. */
  readonly columns: readonly string[];
  readonly mess: Mess;
  readonly demo: GeneratedData['demo'];
  /** Called once per reading, and each time has to tell the same story. */
  readonly timelines: () => Iterable<Timeline>;
}

/** Numbers the events of every subject, merges the subjects by time, and writes them as a CSV with its mess. */
export function eventLog(options: EventLogOptions): GeneratedData {
  let truth: ReadonlyMap<string, number> | undefined;
  return {
    csv: () => lines(options),
    get truth() {
      return (truth ??= readTruth(options.timelines()));
    },
    demo: options.demo,
  };
}

const exampleId = (subject: string, ordinal: number): string => `${subject}-${ordinal}`;

function readTruth(timelines: Iterable<Timeline>): ReadonlyMap<string, number> {
  const truth = new Map<string, number>();
  for (const { subject, events } of timelines) {
    let ordinal = 0;
    for (const event of events) {
      ordinal++;
      if (event.truth !== undefined) truth.set(exampleId(subject, ordinal), event.truth);
    }
  }
  return truth;
}

function* lines({ seed, subjectColumn, columns, mess, timelines }: EventLogOptions): Generator<string> {
  yield ['event_id', subjectColumn, 'at', 'kind', ...columns].join(',');
  const disturb = messUp(mess, seed);
  for (const { subject, ordinal, event } of mergeByTime(timelines())) {
    const { cells, copies } = disturb(event.cells);
    const line = [
      exampleId(subject, ordinal),
      subject,
      `${new Date(event.at).toISOString().slice(0, 19)}Z`,
      event.kind,
      ...columns.map((column) => String(cells[column] ?? '')),
    ].join(',');
    for (let copy = 0; copy < copies; copy++) yield line;
  }
}
