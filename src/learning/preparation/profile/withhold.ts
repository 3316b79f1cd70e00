import { type Quarantine, type QuarantinedRow } from '../csv-inspection';
import { type FeatureSpec } from '../../features/feature-spec';
import { type ColumnProfile } from './dataset-profile';

/** In the place of a line that may hold personal data. */
export const WITHHELD = '(withheld: the file has columns of personal data)';

/** A column's profile without any value of it: what can be counted stays. */
export function withoutValues(profile: ColumnProfile): ColumnProfile {
  const { invalid } = profile;
  return {
    ...profile,
    frequentValues: [],
    numbers: null,
    moments: null,
    sentinels: [],
    invalid: {
      count: invalid.count,
      examples: invalid.examples.map(({ line, reason }) => ({ line, value: null, reason: unquoted(reason) })),
    },
  };
}

/** Whether lines of its files are not to be shown. */
export const hasPersonal = ({ personal }: Pick<FeatureSpec, 'personal'>): boolean => personal !== undefined;

/** A line is shown with all its cells: of a line that cannot be read, nobody knows which they are. */
export function withholdRow({ line, reason }: QuarantinedRow): QuarantinedRow {
  return { line, reason: unquoted(reason), text: WITHHELD };
}

/** What was set aside, as it may be shown under a specification. */
export function shownQuarantine(spec: Pick<FeatureSpec, 'personal'>, quarantine: Quarantine): Quarantine {
  return hasPersonal(spec) ? { ...quarantine, sample: quarantine.sample.map(withholdRow) } : quarantine;
}

const unquoted = (reason: string): string => reason.replace(/"[\s\S]*"/g, '"…"');
