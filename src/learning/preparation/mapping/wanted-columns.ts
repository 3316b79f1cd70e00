import { isCompound } from '../../features/compound';
import { columnsOfDerived, derivedFeatures } from '../../features/derived/read-derived';
import { type FeatureSpec } from '../../features/feature-spec';
import { ANY_KIND, eventLabelOf } from '../../features/label-spec';
import { columnsOf, conditionColumn, sessionColumn, wantedColumns } from '../column-plan';

/** What a spec reads a column as. */
export const COLUMN_USES = [
  'LABEL',
  'TIME',
  'SUBJECT',
  'ID',
  'KIND',
  'ENTITY',
  'SESSION',
  'CONDITION',
  'NUMBER',
  'CATEGORY',
  'MOMENT',
  'TEXT',
] as const;
export type ColumnUse = (typeof COLUMN_USES)[number];

/** A column that a spec reads. */
export interface WantedColumn {
  readonly name: string;
  readonly uses: readonly ColumnUse[];
  /** Names of the features and fields that read it. */
  readonly features: readonly string[];
  /** Values that it must hold, some of them at least: kinds of event, the positive labels. Empty when nothing is known. */
  readonly values: readonly string[];
}

/** The columns that a spec reads, in the order in which it names them. */
export function describeWanted(spec: FeatureSpec): WantedColumn[] {
  const { label } = spec;
  const derived = derivedFeatures(spec).map((feature) => ({
    name: feature.name,
    ...columnsOfDerived(spec, feature).ofEvents,
  }));
  const kinds = [...(spec.momentKinds ?? []), eventLabelOf(label)?.kind ?? ANY_KIND];
  return [...wantedColumns(spec)].map((name) => {
    const readers = [...spec.features, ...(spec.sequence?.fields ?? [])].filter(
      (feature) =>
        (feature.type === 'numeric' || feature.type === 'categorical' || isCompound(feature)) &&
        columnsOf(feature).includes(name),
    );
    const derivers = derived.filter(({ numbers, texts }) => [...numbers, ...texts].includes(name));
    const isLabel = 'column' in label && label.column === name;
    const isKind = spec.kindColumn === name;
    const uses: Array<[ColumnUse, boolean]> = [
      ['LABEL', isLabel],
      ['TIME', spec.timeColumn === name],
      ['SUBJECT', spec.subjectColumn === name],
      ['ID', spec.idColumn === name],
      ['KIND', isKind],
      ['ENTITY', spec.split?.column === name || (spec.entities ?? []).some(({ key }) => key === name)],
      ['SESSION', sessionColumn(spec) === name],
      ['CONDITION', conditionColumn(spec) === name],
      [
        'NUMBER',
        readers.some(({ type }) => type === 'numeric') ||
          derivers.some(({ numbers }) => numbers.includes(name)),
      ],
      [
        'CATEGORY',
        readers.some(({ type }) => type === 'categorical') ||
          derivers.some(({ texts }) => texts.includes(name)),
      ],
      ['MOMENT', readers.some(({ type }) => type === 'timestamp')],
      ['TEXT', readers.some(({ type }) => ['multi', 'text', 'vector'].includes(type))],
    ];
    return {
      name,
      uses: uses.filter(([, applies]) => applies).map(([use]) => use),
      features: [...new Set([...readers, ...derivers].map((reader) => reader.name))],
      values: [
        ...(isLabel && 'positive' in label ? label.positive : []),
        ...(isKind ? kinds.filter((kind) => kind !== ANY_KIND) : []),
      ],
    };
  });
}
