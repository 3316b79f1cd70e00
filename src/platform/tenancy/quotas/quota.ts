import { AppError } from '../../../errors';

/** What a tenant may be given a limit of. */
export const QUOTA_KINDS = [
  'PREDICTIONS_PER_DAY',
  'SCORED_ROWS_PER_DAY',
  'STORED_ROWS',
  'STORED_BYTES',
  'CPU_TRAINING_SECONDS_PER_MONTH',
  'GPU_TRAINING_SECONDS_PER_MONTH',
] as const;
export type QuotaKind = (typeof QUOTA_KINDS)[number];

/** After which it starts again; NONE: it counts what is there. Days and months are of UTC. */
export const QUOTA_PERIODS = ['DAY', 'MONTH', 'NONE'] as const;
export type QuotaPeriod = (typeof QUOTA_PERIODS)[number];

/** How a kind is counted, and what is said of it. */
interface QuotaTerms {
  readonly period: QuotaPeriod;
  /** What is counted, after a number. */
  readonly unit: string;
  /** What whoever is over it can do. */
  readonly advice: string;
}

export const QUOTA_TERMS: Readonly<Record<QuotaKind, QuotaTerms>> = {
  PREDICTIONS_PER_DAY: {
    period: 'DAY',
    unit: 'predictions of this day',
    advice: 'Send fewer inputs',
  },
  SCORED_ROWS_PER_DAY: {
    period: 'DAY',
    unit: 'rows scored on this day',
    advice: 'Score fewer rows',
  },
  STORED_ROWS: {
    period: 'NONE',
    unit: 'stored rows',
    advice: 'Keep datasets or events for a shorter time with setRetention',
  },
  STORED_BYTES: {
    period: 'NONE',
    unit: 'stored bytes',
    advice: 'Keep datasets or scores for a shorter time with setRetention',
  },
  CPU_TRAINING_SECONDS_PER_MONTH: {
    period: 'MONTH',
    unit: 'seconds of training on CPUs in this month',
    advice: 'Train on a GPU',
  },
  GPU_TRAINING_SECONDS_PER_MONTH: {
    period: 'MONTH',
    unit: 'seconds of training on GPUs in this month',
    advice: 'Train on a CPU',
  },
};

/** A kind's limit and what was used of it. */
export interface Quota {
  readonly kind: QuotaKind;
  /** Null: there is none. */
  readonly limit: number | null;
  readonly used: number;
  /** Of the running period; null where it has none. */
  readonly startsAt: Date | null;
  readonly resetsAt: Date | null;
}

/** What is left of it, 0 where more is used than there may be; null without a limit. */
export function remainingOf({ limit, used }: Pick<Quota, 'limit' | 'used'>): number | null {
  return limit === null ? null : Math.max(0, Math.floor(limit - used));
}

/** The period of a kind that a moment lies in. */
export function periodOf(kind: QuotaKind, ms: number): Pick<Quota, 'startsAt' | 'resetsAt'> {
  const at = new Date(ms);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  switch (QUOTA_TERMS[kind].period) {
    case 'DAY':
      return {
        startsAt: new Date(Date.UTC(year, month, day)),
        resetsAt: new Date(Date.UTC(year, month, day + 1)),
      };
    case 'MONTH':
      return { startsAt: new Date(Date.UTC(year, month)), resetsAt: new Date(Date.UTC(year, month + 1)) };
    case 'NONE':
      return { startsAt: null, resetsAt: null };
  }
}

/** A tenant has used up what it may. Nothing was done of what was asked for. */
export class QuotaExceededError extends AppError {
  /** @param asked how much was asked for; null where that was not known beforehand */
  constructor(
    readonly quota: Quota,
    asked: number | null = null,
  ) {
    super('QUOTA_EXCEEDED', messageOf(quota, asked), [], { details: detailsOf(quota) });
  }
}

function messageOf({ kind, limit, used, resetsAt }: Quota, asked: number | null): string {
  const { unit, advice } = QUOTA_TERMS[kind];
  const has = `Your tenant may have ${limit} ${unit}, and ${Math.ceil(used)} are used`;
  const wants = asked === null ? '' : `; this takes ${asked}`;
  const wait = resetsAt === null ? '' : `, wait until ${resetsAt.toISOString()}`;
  return `${has}${wants}. ${advice}${wait}, or ask whoever runs the platform for more.`;
}

function detailsOf({ kind, limit, used, resetsAt }: Quota): Record<string, number | string> {
  return {
    kind,
    limit: limit ?? 0,
    used: Math.ceil(used),
    ...(resetsAt && { resetsAt: resetsAt.toISOString() }),
  };
}
