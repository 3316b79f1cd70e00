import { type CompoundFeature, isCompound } from '../../features/compound';
import { type FeatureSpec } from '../../features/feature-spec';
import { columnOf, type ColumnPlan, type ValueColumn } from '../column-plan';
import { type DuckDbSession } from '../duckdb-session';
import { type ColumnMapping } from '../mapping/column-mapping';
import { profileColumns } from '../profile/profile-columns';
import { applies } from './cleaning-step';
import { type CleaningProposal, type ColumnInView, proposeForCategories, proposeForNumbers } from './propose';
import { proposeForCompound } from './propose-compound';
import { proposeForTime } from './propose-rows';

/** How a file is read. */
interface Reading {
  readonly spec: FeatureSpec;
  readonly plan: ColumnPlan;
  readonly mapping: ColumnMapping;
}

/** A column, and as what it is read. */
interface ReadColumn extends ColumnInView {
  readonly asNumber: boolean;
  readonly asCategory: boolean;
  readonly asCompound: readonly CompoundFeature[];
  readonly momentsOnly: boolean;
}

/**
 * What could be mended in the columns that were just profiled, as far as the spec reads them, in their order: their cells
 * must be in `texts`, their numbers in `vals`. What is read at moments of prediction alone is judged by these. The columns
 * of a row's history share their encoder, so nothing is proposed for one of them; nor is what the spec says itself.
 */
export async function proposeForColumns(
  session: DuckDbSession,
  { spec, plan, mapping }: Reading,
  columns: readonly ColumnInView[],
): Promise<CleaningProposal[]> {
  const read = columns
    .filter(({ index }) => plan.label?.index !== index)
    .map((column) => ({ ...column, ...readingsOf(spec, plan, column.index) }));
  const formats = new Map<number, CleaningProposal[]>();
  for (const column of read) formats.set(column.index, await proposeFormats(session, { spec, plan }, column));
  const values = await proposeForValues(
    session,
    read.filter(({ momentsOnly }) => !momentsOnly),
  );
  const ofMoments = read.filter(({ momentsOnly }) => momentsOnly);
  const valuesOfMoments =
    ofMoments.length === 0 ? null : await proposeForValues(session, await seenAtMoments(session, ofMoments));
  return read
    .flatMap(({ index }) => [
      ...(formats.get(index) ?? []),
      ...(values.get(index) ?? valuesOfMoments?.get(index) ?? []),
    ])
    .filter(
      ({ id, step }, i, all) =>
        all.findIndex((other) => other.id === id) === i &&
        applies(spec, mapping, step) &&
        // What holds NUL, as Parquet may, cannot be stored with a decision.
        !JSON.stringify(step).includes('\\u0000'),
    );
}

/** As what a column of the file is read by features and fields that read one column. */
function readingsOf(
  { features, sequence }: FeatureSpec,
  plan: ColumnPlan,
  index: number,
): Pick<ReadColumn, 'asNumber' | 'asCategory' | 'asCompound' | 'momentsOnly'> {
  const read = (columns: readonly ValueColumn[], type: 'numeric' | 'categorical'): ValueColumn[] =>
    columns.filter(
      (column) =>
        column.index === index &&
        [...features, ...(sequence?.fields ?? [])].some(
          (feature) =>
            feature.type === type &&
            !('columns' in feature && feature.columns) &&
            columnOf(feature) === column.name,
        ),
    );
  const [asNumber, asCategory] = [read(plan.numeric, 'numeric'), read(plan.categorical, 'categorical')];
  const compound = plan.compound.filter((column) => column.index === index);
  const readings = [...asNumber, ...asCategory, ...compound];
  return {
    asNumber: asNumber.length > 0,
    asCategory: asCategory.length > 0,
    asCompound: [...features, ...(sequence?.fields ?? [])]
      .filter((feature) => isCompound(feature))
      .filter((feature) => compound.some(({ name }) => columnOf(feature) === name)),
    momentsOnly: readings.length > 0 && readings.every(({ momentsOnly }) => momentsOnly),
  };
}

/** The same columns, profiled of the rows alone that are moments of prediction. */
async function seenAtMoments(session: DuckDbSession, columns: readonly ReadColumn[]): Promise<ReadColumn[]> {
  const judged = await profileColumns(
    session,
    columns.map(({ index, profile: { name } }) => ({ name, index, role: 'FEATURE' as const })),
    { parts: null, ofMoments: true },
  );
  return columns.map((column, i) => ({ ...column, profile: judged[i]?.profile ?? column.profile }));
}

async function proposeForValues(
  session: DuckDbSession,
  columns: readonly ReadColumn[],
): Promise<Map<number, CleaningProposal[]>> {
  const ofNumbers = await proposeForNumbers(
    session,
    columns.filter(({ asNumber }) => asNumber),
  );
  const ofCategories = await proposeForCategories(
    session,
    columns.filter(({ asCategory }) => asCategory),
  );
  const found = new Map<number, CleaningProposal[]>();
  for (const column of columns) {
    const { index, asCompound } = column;
    const ofCompound = await proposeForCompound(session, column, asCompound);
    found.set(index, [...(ofNumbers.get(index) ?? []), ...(ofCategories.get(index) ?? []), ...ofCompound]);
  }
  return found;
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
  // What is ISO 8601 in every row needs no format, and asking for each takes as long as all else of a short column.
  if (!first || profile.readsAs.moments === profile.givenCount) return [];
  const known = first.filter((format) => readings.every((formats) => formats.includes(format)));
  return proposeForTime(session, { name: profile.name, index }, known);
}
