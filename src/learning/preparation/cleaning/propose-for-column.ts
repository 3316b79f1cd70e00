import { type FeatureSpec } from '../../features/feature-spec';
import { columnOf, type ColumnPlan, type FileColumn } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { type ColumnProfile } from '../profile/dataset-profile';
import { type CleaningProposal, proposeForCategories, proposeForNumbers } from './propose';
import { proposeForTime } from './propose-rows';

/** A column as the profile is just looking at it. */
export interface ColumnInView {
  readonly index: number;
  readonly profile: ColumnProfile;
  readonly rowCount: number;
}

/**
 * What could be mended in a column, as far as the spec reads it: its cells must be in `texts`, its numbers in `vals`.
 * The columns of a row's history share their encoder, so nothing is proposed for one of them.
 */
export async function proposeForColumn(
  session: DuckDbSession,
  { spec, plan }: { spec: FeatureSpec; plan: ColumnPlan },
  { index, profile, rowCount }: ColumnInView,
): Promise<CleaningProposal[]> {
  if (plan.label?.index === index) return [];
  const read = (columns: readonly FileColumn[], type: 'numeric' | 'categorical'): boolean => {
    const name = columns.find((column) => column.index === index)?.name;
    return [...spec.features, ...(spec.sequence?.fields ?? [])].some(
      (feature) =>
        feature.type === type && !('columns' in feature && feature.columns) && columnOf(feature) === name,
    );
  };
  const isNumber = read(plan.numeric, 'numeric');
  const isCategory = read(plan.categorical, 'categorical');
  const known = new Set(spec.cleaning?.timeFormats);
  const proposals = [
    ...(plan.time?.index === index ? await proposeForTime(session, profile.name) : []),
    ...(isNumber ? await proposeForNumbers(session, profile) : []),
    ...(isCategory ? await proposeForCategories(session, profile, rowCount) : []),
  ];
  return proposals.filter(
    ({ step }) =>
      (step.kind !== 'READ_TIME_FORMAT' || !known.has(step.format)) &&
      // What holds NUL, as Parquet may, cannot be stored with a decision.
      !JSON.stringify(step).includes('\\u0000'),
  );
}
