import { entityOf, type EntityTable, ownNameOf } from '../../features/entities/entity-spec';
import { type FeatureSpec } from '../../features/feature-spec';
import { type ColumnMapping, sourceOf } from '../mapping/column-mapping';
import {
  type CleaningStep,
  isRead,
  mendValues,
  readFormat,
  type SourceOf,
  withFormat,
} from './cleaning-step';

/** An entity's file: its name, and where the columns that are read are in it, by the names after the dot. */
export interface EntityFile {
  readonly name: string;
  readonly mapping: ColumnMapping;
}

/** The spec with steps that were accepted for an entity's file; what does not apply is passed over. */
export function applyEntitySteps(
  spec: FeatureSpec,
  file: EntityFile,
  steps: readonly CleaningStep[],
): FeatureSpec {
  return steps.reduce((mended, step) => applyEntityStep(mended, file, step), spec);
}

/** Whether a step changes anything of what the spec reads from an entity's file. */
export function appliesToEntity(spec: FeatureSpec, file: EntityFile, step: CleaningStep): boolean {
  return JSON.stringify(applyEntitySteps(spec, file, [step])) !== JSON.stringify(spec);
}

function applyEntityStep(spec: FeatureSpec, { name, mapping }: EntityFile, step: CleaningStep): FeatureSpec {
  const source: SourceOf = (column) => {
    const entity = entityOf(spec, column);
    return entity?.name === name ? sourceOf(mapping, ownNameOf(entity, column)) : null;
  };
  switch (step.kind) {
    case 'DROP_DUPLICATES':
    case 'DROP_LATER_ROWS':
      return spec;
    case 'KEEP_LAST_OF_ID':
      return mapEntity(spec, name, (entity) => ({
        ...entity,
        cleaning: { ...entity.cleaning, keepLast: true },
      }));
    case 'READ_TIME_FORMAT':
      return mapEntity(readFormat(spec, source, step), name, (entity) =>
        isRead((column) => sourceOf(mapping, column), entity.validFromColumn, step)
          ? { ...entity, cleaning: withFormat(entity.cleaning ?? {}, step) }
          : entity,
      );
    default:
      return mendValues(spec, source, step);
  }
}

function mapEntity(spec: FeatureSpec, name: string, mend: (entity: EntityTable) => EntityTable): FeatureSpec {
  return {
    ...spec,
    entities: spec.entities?.map((entity) => (entity.name === name ? mend(entity) : entity)),
  };
}
