import { type Resources } from './verify/resources';

export interface Report {
  readonly minutes: number;
  readonly seed: number;
  readonly queue: 'redis' | 'postgres';
  /** How often each happened. */
  readonly faults: Record<string, number>;
  /** What could not be tried here, with the reason. */
  readonly omitted: readonly string[];
  /** Kinds of faults that were to be injected, each at least once. */
  readonly planned: readonly string[];
  /** How much the tenants were told is done, and of what. */
  readonly acknowledged: number;
  readonly acknowledgements: Record<string, number>;
  /** Requests that got no answer: nothing follows from them, but that what they may have done was done at most once. */
  readonly unanswered: number;
  /** How runs ended, those whose acknowledgement was lost as well. */
  readonly ended: Record<string, number>;
  /** Answers by the code of their error; `OK` are those without. */
  readonly answers: Record<string, number>;
  /** How long after the faults until no run was open. */
  readonly settledSeconds: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly damaged: number;
  readonly leaked: number;
  readonly crossTenant: number;
  /** Answers in which another tenant's rows were looked for. */
  readonly answersSearched: number;
  readonly askedForAnothers: number;
  /** Answers with an error that has no name of its own. */
  readonly internalErrors: number;
  readonly resources: Resources;
  readonly violations: readonly string[];
  readonly passed: boolean;
}

/** For a person. */
export function inWords(report: Report): string {
  const list = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  const { memoryMiB, connections } = report.resources;
  return [
    `${report.minutes} minutes of faults with seed ${report.seed}, queue in ${report.queue}`,
    `faults        ${list(report.faults)}`,
    ...report.omitted.map((text) => `omitted       ${text}`),
    `acknowledged  ${list(report.acknowledgements)}; ${report.unanswered} requests unanswered`,
    `runs ended    ${list(report.ended)}, ${report.settledSeconds} s after the last fault`,
    `answers       ${list(report.answers)}`,
    `memory        ${Object.entries(memoryMiB.after)
      .map(([name, after]) => `${name} ${memoryMiB.before[name]} to ${after} MiB`)
      .join(', ')}`,
    `connections   ${Object.entries(connections)
      .map(([name, { open, bound }]) => `${name} ${open} of at most ${bound}`)
      .join(', ')}`,
    `lost ${report.lost}, duplicated ${report.duplicated}, damaged ${report.damaged}, leaked ${report.leaked}, ` +
      `internal errors ${report.internalErrors}, of another tenant ${report.crossTenant} in ${report.answersSearched} answers`,
    ...report.violations,
    report.passed ? 'passed' : 'FAILED',
  ].join('\n');
}
