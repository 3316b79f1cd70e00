/** Which of a tenant's own waiting runs come first. Between tenants it says nothing. */
export const RUN_PRIORITIES = ['HIGH', 'NORMAL', 'LOW'] as const;
export type RunPriority = (typeof RUN_PRIORITIES)[number];

const NUMBERS: Readonly<Record<RunPriority, number>> = { HIGH: 1, NORMAL: 0, LOW: -1 };

/** As the run's row holds it: larger comes first. */
export const runPriorityColumn = {
  to: (priority: RunPriority): number => NUMBERS[priority],
  from: (stored: number): RunPriority =>
    RUN_PRIORITIES.find((priority) => NUMBERS[priority] === stored) ?? 'NORMAL',
};
