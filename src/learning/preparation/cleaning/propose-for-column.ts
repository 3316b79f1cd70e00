import { type FeatureSpec } from '../../features/feature-spec';
import { columnOf, type ColumnPlan, type ValueColumn } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { type ColumnMapping } from '../mapping/column-mapping';
import { type ColumnProfile } from '../profile/dataset-profile';
import { profileColumn } from '../profile/profile-column';
import { applies } from './cleaning-step';
import { type CleaningProposal, proposeForCategories, proposeForNumbers } from './propose';
import { proposeForTime } from './propose-rows';

/** A column as the profile is just looking at it. */
export interface ColumnInView {
  readonly index: number;
  readonly profile: ColumnProfile;
}

/** How a file is read. */
interface Reading {
  readonly spec: FeatureSpec;
  readonly plan: ColumnPlan;
  readonly mapping: ColumnMapping;
}

/**
 * What could be mended in a column, as far as the spec reads it: its cells must be in `texts`, its numbers in `vals`.
 * What is read at moments of prediction alone is judged by these. The columns of a row's history share their encoder, so
 * nothing is proposed for one of them; nor is what the spec says itself.
 */
export async function proposeForColumn(
  session: DuckDbSession,
  { spec, plan, mapping }: Reading,
  { index, profile }: ColumnInView,
): Promise<CleaningProposal[]> {
  if (plan.label?.index === index) return [];
  const read = (columns: readonly ValueColumn[], type: 'numeric' | 'categorical'): ValueColumn[] =>
    columns.filter(
      (column) =>
        column.index === index &&
        [...spec.features, ...(spec.sequence?.fields ?? [])].some(
          (feature) =>
            feature.type === type &&
            !('columns' in feature && feature.columns) &&
            columnOf(feature) === column.name,
        ),
    );
  const [asNumber, asCategory] = [read(plan.numeric, 'numeric'), read(plan.categorical, 'categorical')];
  const proposals = await proposeFormats(session, { spec, plan }, { index, profile });
  const readings = [...asNumber, ...asCategory];
  const isOfMoments = readings.length > 0 && readings.every(({ momentsOnly }) => momentsOnly);
  const seen = isOfMoments
    ? (
        await profileColumn(
          session,
          { name: profile.name, index },
          { role: 'FEATURE', parts: null, ofMoments: true },
        )
      ).profile
    : profile;
  if (asNumber.length > 0) proposals.push(...(await proposeForNumbers(session, seen)));
  if (asCategory.length > 0) proposals.push(...(await proposeForCategories(session, seen)));
  return proposals.filter(
    ({ step }) =>
      applies(spec, mapping, step) &&
      // What holds NUL, as Parquet may, cannot be stored with a decision.
      !JSON.stringify(step).includes('\\u0000'),
  );
}

/** How the moments of a column may be read: those of the rows, and of timestamps. */
async function proposeFormats(
  session: DuckDbSession,
  { spec, plan }: Pick<Reading, 'spec' | 'plan'>,
  { index, profile }: ColumnInView,
): Promise<CleaningProposal[]> {
  const readings = [
    ...(plan.time?.index === index ? [spec.cleaning?.timeFormats ?? []] : []),
    ...plan.compound.flatMap(({ index: at, cell }) =>
      at === index && cell.type === 'moment' ? [cell.formats] : [],
    ),
  ];
  const [first] = readings;
  if (!first) return [];
  const known = first.filter((format) => readings.every((formats) => formats.includes(format)));
  return proposeForTime(session, profile.name, known);
}
