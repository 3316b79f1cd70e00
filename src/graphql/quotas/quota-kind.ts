import { registerEnumType } from 'type-graphql';
import {
  QUOTA_KINDS,
  QUOTA_PERIODS,
  type QuotaKind as Kind,
  type QuotaPeriod as Period,
} from '../../platform/tenancy/quotas/quota';
import { enumOf } from '../enum-of';

/** A kind without a description does not compile. */
const KINDS: Record<Kind, { readonly description: string }> = {
  PREDICTIONS_PER_DAY: {
    description: 'Inputs of prediction queries in a day, whatever comes of them; see docs/quotas.md.',
  },
  SCORED_ROWS_PER_DAY: {
    description:
      'Rows and subjects scored by batch scorings that ended in a day; the rows of datasets that are being scored count at once.',
  },
  STORED_ROWS: { description: 'Rows of datasets, and stored events.' },
  STORED_BYTES: {
    description: 'Files of datasets, of scorings, and artifacts of model versions that are not retired.',
  },
  CPU_TRAINING_SECONDS_PER_MONTH: {
    description: 'Seconds that trainings were executed by workers on CPUs, in a month.',
  },
  GPU_TRAINING_SECONDS_PER_MONTH: {
    description: 'Seconds that trainings were executed by workers on GPUs, in a month.',
  },
};

const PERIODS: Record<Period, { readonly description: string }> = {
  DAY: { description: 'A day of UTC.' },
  MONTH: { description: 'A month of UTC.' },
  NONE: { description: 'It counts what is there now.' },
};

export const QuotaKind = enumOf(QUOTA_KINDS);
registerEnumType(QuotaKind, {
  name: 'QuotaKind',
  description: 'What a tenant may be given a limit of.',
  valuesConfig: KINDS,
});

export const QuotaPeriod = enumOf(QUOTA_PERIODS);
registerEnumType(QuotaPeriod, {
  name: 'QuotaPeriod',
  description: 'After which a quota starts again.',
  valuesConfig: PERIODS,
});
