import { z } from 'zod';
import { entityCleaning } from '../cleaning';
import { type FeatureSpec } from '../feature-spec';
import { columnName, featureName } from '../spec-fields';

/**
 * A file beside the rows or events: the items, ads or users that they are about. Its columns are read wherever a column is
 * named, as `<name>.<column>`.
 */
export const entitySchema = z.strictObject({
  name: featureName,
  /** The column of the rows or events that says which one is meant. */
  key: columnName,
  /** The column of the entity's file that `key` is looked up in. */
  idColumn: columnName,
  /** From when on a row of the entity's file holds, so that an id may have many. Always, where it is absent. */
  validFromColumn: columnName.optional(),
  cleaning: entityCleaning.optional(),
});

export type EntityTable = z.infer<typeof entitySchema>;

interface HasEntities {
  readonly entities?: readonly EntityTable[] | undefined;
}

/** The entity that a column is of; null for a column of the rows or events themselves. */
export function entityOf<Entity extends { readonly name: string }>(
  { entities = [] }: { readonly entities?: readonly Entity[] | undefined },
  column: string,
): Entity | null {
  return entities.find(({ name }) => column.startsWith(`${name}.`)) ?? null;
}

/** The columns of entities that events in a history are read by: stored events lack them. */
export function entityColumnsOfHistory(spec: HasEntities & Pick<FeatureSpec, 'sequence'>): readonly string[] {
  const columns = (spec.sequence?.fields ?? []).flatMap((field) =>
    field.type === 'elapsed' ? [] : [field.column ?? field.name],
  );
  return columns.filter((column) => entityOf(spec, column) !== null);
}

/** What the entity's own file calls a column. */
export const ownNameOf = ({ name }: Pick<EntityTable, 'name'>, column: string): string =>
  column.slice(name.length + 1);

/** The columns of entities among some, entity by entity. */
export function columnsOfEntities(
  { entities = [] }: HasEntities,
  columns: Iterable<string>,
): ReadonlyArray<{ readonly entity: EntityTable; readonly columns: readonly string[] }> {
  const all = [...columns];
  return entities.map((entity) => ({
    entity,
    columns: all.filter((column) => entityOf({ entities }, column)?.name === entity.name),
  }));
}
