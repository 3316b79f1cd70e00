import { type EntitySource } from '../../learning/preparation/entities/entity-tables';
import { type ObjectStore } from '../../platform/artifacts/object-store';
import { type Dataset } from '../datasets/dataset.entity';
import { type RunEntity } from './run-entities';

/** The local files of the entities that a job is joined with. */
export async function entitySources(
  objects: ObjectStore,
  entities: readonly RunEntity[],
  datasets: readonly Dataset[],
): Promise<EntitySource[]> {
  const sources: EntitySource[] = [];
  for (const { name, datasetId, sha256, mapping } of entities) {
    const format = datasets.find(({ id }) => id === datasetId)?.format ?? undefined;
    sources.push({ name, path: await objects.localPath(sha256), format, mapping: mapping.columns });
  }
  return sources;
}
