import path from 'node:path';
import { AppError } from '../../errors';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { subjectColumnsOf, withRowsOf } from '../../learning/preparation/erasure/find-rows';
import { writeWithout } from '../../learning/preparation/erasure/remove-rows';
import { type UploadInspection } from '../../learning/preparation/mapping/inspect-upload';
import { resolveMapping } from '../../learning/preparation/mapping/resolve-mapping';
import { type Dataset } from '../datasets/dataset.entity';
import { specOfDataset } from '../datasets/dataset-spec';
import { type ErasedOfDomain } from './erased-subjects';

/**
 * The file of an upload without the rows of subjects that were erased; null where it has none. Whose a row is, is looked for
 * in the column that is the subject's or is guessed to be.
 * @param file in a folder of its own, in which the other is made
 * @throws AppError INVALID_DATA when no row is left
 */
export async function takeOutErased(
  file: string,
  {
    spec,
    dataset,
    inspection,
    erased,
  }: {
    readonly spec: FeatureSpec;
    readonly dataset: Dataset;
    readonly inspection: Pick<UploadInspection, 'sketches' | 'format'>;
    readonly erased: ErasedOfDomain;
  },
): Promise<string | null> {
  const guessed = resolveMapping(specOfDataset(spec, dataset), inspection.sketches).columns;
  const mapping = Object.fromEntries(
    guessed.flatMap(({ column, source }) => (source === null ? [] : [[column, source]])),
  );
  const columns = subjectColumnsOf(spec, { mapping, entity: dataset.entity });
  if (columns.subjects.length === 0) return null;
  const isMeant = (id: string) => erased.has(id);
  const target = path.join(path.dirname(file), `without-${path.basename(file)}`);
  return withRowsOf(
    { path: file, workDirectory: path.dirname(file), threads: 1, format: inspection.format, columns },
    isMeant,
    async (opened, rows) => {
      if (rows.records.length === 0 && opened.scan.quarantine.count === 0) return null;
      if (rows.records.length === opened.scan.records && rows.records.length > 0)
        throw new AppError(
          'INVALID_DATA',
          'All rows of the file are of subjects that were erased: nothing of it is taken.',
        );
      const removed = await writeWithout(opened, { rows, columns, isMeant, target });
      return removed.rows + removed.brokenLines === 0 ? null : target;
    },
  );
}
