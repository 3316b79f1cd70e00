import { type LearningRateSchedule } from '../architectures/model-config';

/** What a learning rate depends on besides its schedule. */
export interface ScheduleMoment {
  /** Optimizer steps already done. */
  readonly step: number;
  /** Steps until the last epoch's end. */
  readonly totalSteps: number;
  /** Validation losses of the complete epochs, in order. */
  readonly validationLosses: readonly number[];
}

/** The share of the configured learning rate that holds at a moment: 0..1. */
export function learningRateFactor(schedule: LearningRateSchedule, moment: ScheduleMoment): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.factor ** Math.floor(moment.validationLosses.length / schedule.everyEpochs);
    case 'cosine':
      return cosineFactor(schedule, moment);
    case 'plateau':
      return plateauFactor(schedule, moment.validationLosses);
  }
}

function cosineFactor(
  { warmup, floor }: Extract<LearningRateSchedule, { kind: 'cosine' }>,
  { step, totalSteps }: ScheduleMoment,
): number {
  const warmupSteps = Math.floor(warmup * totalSteps);
  if (step < warmupSteps) return (step + 1) / (warmupSteps + 1);
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  return floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** Replays the epochs: the rate is a function of the losses, so a checkpoint needs no state for it. */
function plateauFactor(
  { factor, patience, floor }: Extract<LearningRateSchedule, { kind: 'plateau' }>,
  losses: readonly number[],
): number {
  let rate = 1;
  let best = Number.POSITIVE_INFINITY;
  let waited = 0;
  for (const loss of losses) {
    waited = loss < best ? 0 : waited + 1;
    best = Math.min(best, loss);
    if (waited <= patience) continue;
    rate = Math.max(floor, rate * factor);
    waited = 0;
  }
  return rate;
}
