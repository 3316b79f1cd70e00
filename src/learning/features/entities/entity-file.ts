import {
  type NumberEncoding,
  type FeatureSpec,
  type SequenceField,
  type StaticFeature,
} from '../feature-spec';
import { derivedColumns } from '../derived/read-derived';
import { columnsOf } from '../read-columns';
import { entityOf, type EntityTable, ownNameOf } from './entity-spec';

/** Longer than any data: no row of an entity has a label. */
const NO_LABEL: FeatureSpec['label'] = { noEvent: '*', within: { days: 1_000_000 } };
const ANY_NUMBER: NumberEncoding = { transform: 'identity', encoding: 'standard' };

/**
 * An entity's file as if it were a table of examples without labels, so that it is read, checked and mapped as every file
 * is: by what the spec's features read its columns as, under the names that it has them by.
 */
export function entityFileSpec(spec: FeatureSpec, entity: EntityTable): FeatureSpec {
  const isOfEntity = (column: string) => entityOf(spec, column)?.name === entity.name;
  const readers = [...spec.features, ...(spec.sequence?.fields ?? [])].flatMap((feature) =>
    readsColumns(feature)
      ? columnsOf(feature)
          .filter(isOfEntity)
          .map((column) => of(feature, ownNameOf(entity, column)))
      : [],
  );
  const derived = derivedColumns(spec);
  const own = (columns: readonly string[]) =>
    columns.filter(isOfEntity).map((column) => ownNameOf(entity, column));
  const formats = [...(spec.cleaning?.timeFormats ?? []), ...(entity.cleaning?.timeFormats ?? [])];
  const personal = (spec.personal ?? [])
    .filter(({ column }) => isOfEntity(column))
    .map((mark) => ({ ...mark, column: ownNameOf(entity, mark.column) }));
  const isTime = entity.validFromColumn !== undefined && formats.length > 0;
  return {
    shape: 'TABLE',
    timeColumn: entity.validFromColumn,
    split: { by: 'entity', column: entity.idColumn },
    cleaning: isTime ? { timeFormats: [...new Set(formats)] } : undefined,
    label: NO_LABEL,
    personal: personal.length > 0 ? personal : undefined,
    features: [
      ...readers,
      ...own(derived.numbers).map((name) => ({ type: 'numeric' as const, name, ...ANY_NUMBER })),
      ...own(derived.texts).map((name) => ({ type: 'categorical' as const, name, maxVocabulary: 1000 })),
    ],
  };
}

type Reader = Exclude<StaticFeature | SequenceField, { type: 'cyclic' | 'derived' | 'elapsed' }>;

const readsColumns = (feature: StaticFeature | SequenceField): feature is Reader =>
  !['cyclic', 'derived', 'elapsed'].includes(feature.type);

/** The same reading of another column. */
function of({ ...feature }: Reader, column: string): StaticFeature {
  if ('columns' in feature) delete feature.columns;
  return { ...feature, column };
}
