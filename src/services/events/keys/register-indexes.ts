import { type FeatureSpec } from '../../../learning/features/feature-spec';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { lockStore } from '../lock-store';
import { derivedFeatures, needsPrior } from '../../../learning/features/derived/read-derived';
import { ALL_EVENTS, definitionOf, type EventIndex, indexOf, keyedFeatures } from './event-index';

/** Each is written with every batch of events, for ever. */
export const MAX_INDEXES = 64;

/** The indexes that the features of a specification are looked up in, each once. */
export function indexesFor(spec: FeatureSpec): EventIndex[] {
  const indexes = [
    ...keyedFeatures(spec).flatMap((feature) => indexOf(spec, feature) ?? []),
    ...(derivedFeatures(spec).some(needsPrior) ? [ALL_EVENTS] : []),
  ];
  return [...new Map(indexes.map((index) => [definitionOf(index), index])).values()];
}

/**
 * Has indexes kept from now on, those that are not kept yet. What was stored before is added by the workers. Beyond 64 in
 * a domain, none is added: what would be looked up in it is missing.
 */
export async function registerIndexes(
  scope: TenantScope,
  domain: string,
  indexes: readonly EventIndex[],
): Promise<void> {
  if (indexes.length === 0) return;
  // Nobody appends meanwhile: an event is either there before the index, or added to it.
  const lastSequence = await lockStore(scope, domain);
  await scope.query(
    `INSERT INTO event_indexes (tenant_id, domain, definition, until)
     SELECT $1, $2, d.definition, $4 FROM unnest($3::text[]) WITH ORDINALITY AS d (definition, place)
      WHERE NOT EXISTS (
        SELECT FROM event_indexes i WHERE i.tenant_id = $1 AND i.domain = $2 AND i.definition = d.definition
      )
      ORDER BY d.place
      LIMIT greatest(0, $5 - (SELECT count(*) FROM event_indexes i WHERE i.tenant_id = $1 AND i.domain = $2))`,
    [scope.tenantId, domain, indexes.map(definitionOf), lastSequence, MAX_INDEXES],
  );
}

/** The ids of those indexes that have all events, by definition. What is not kept yet is, from now on. */
export async function readyIndexes(
  scope: TenantScope,
  domain: string,
  indexes: readonly EventIndex[],
): Promise<ReadonlyMap<string, number>> {
  const definitions = [...new Set(indexes.map(definitionOf))];
  const read = () =>
    scope.query<{ id: number; definition: string; isComplete: boolean }>(
      `SELECT id, definition, done >= until AS "isComplete" FROM event_indexes
        WHERE tenant_id = $1 AND domain = $2 AND definition = ANY ($3::text[])`,
      [scope.tenantId, domain, definitions],
    );
  let rows = await read();
  if (rows.length < definitions.length) {
    await registerIndexes(scope, domain, indexes);
    rows = await read();
  }
  return new Map(rows.flatMap(({ id, definition, isComplete }) => (isComplete ? [[definition, id]] : [])));
}
