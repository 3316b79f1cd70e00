import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { lockStore } from '../lock-store';
import { definitionOf, type EventIndex } from './event-index';
import { Refusals } from './refusals';
import { retireIndexes } from './retire-indexes';

/** Each is written with every batch of events. */
export const MAX_INDEXES = 64;
const REFUSED_FOR_MS = 60_000;
const refusals = new Refusals(REFUSED_FOR_MS);

/**
 * Has indexes kept from now on, those that are not kept yet. What was stored before is added by the workers. Of 64 in a
 * domain, those that nobody needs make room; without room, none is added: what would be looked up in it is missing.
 */
export async function registerIndexes(
  scope: TenantScope,
  domain: string,
  indexes: readonly EventIndex[],
): Promise<void> {
  if (indexes.length === 0) return;
  // Nobody appends meanwhile: an event is either there before the index, or added to it.
  const lastSequence = await lockStore(scope, domain);
  const definitions = [...new Set(indexes.map(definitionOf))];
  const kept = await scope.query<{ definition: string }>(
    'SELECT definition FROM event_indexes WHERE tenant_id = $1 AND domain = $2 AND retired_at IS NULL',
    [scope.tenantId, domain],
  );
  const known = new Set(kept.map(({ definition }) => definition));
  const added = definitions.filter((definition) => !known.has(definition));
  // Those that are wanted again may have waited for it long.
  await scope.query(
    `UPDATE event_indexes SET used_at = now()
      WHERE tenant_id = $1 AND domain = $2 AND retired_at IS NULL AND definition = ANY ($3::text[])`,
    [scope.tenantId, domain, definitions],
  );
  if (added.length === 0) return;
  if (kept.length + added.length > MAX_INDEXES) await retireIndexes(scope, domain, '1 day');
  await scope.query(
    `INSERT INTO event_indexes (tenant_id, domain, definition, until)
     SELECT $1, $2, d.definition, $4 FROM unnest($3::text[]) WITH ORDINALITY AS d (definition, place)
      ORDER BY d.place
      LIMIT greatest(0, $5 - (SELECT count(*) FROM event_indexes i
        WHERE i.tenant_id = $1 AND i.domain = $2 AND i.retired_at IS NULL))`,
    [scope.tenantId, domain, added, lastSequence, MAX_INDEXES],
  );
}

interface KeptIndex {
  readonly id: number;
  readonly definition: string;
  readonly isComplete: boolean;
  /** Nobody has asked lately. */
  readonly isUnused: boolean;
}

/**
 * The ids of those indexes that have all events, by definition. What is not kept yet is, from now on; where there is no
 * room, that is asked again only after a while, because it locks the store.
 */
export async function readyIndexes(
  scope: TenantScope,
  domain: string,
  indexes: readonly EventIndex[],
): Promise<ReadonlyMap<string, number>> {
  const definitions = [...new Set(indexes.map(definitionOf))];
  const read = () =>
    scope.query<KeptIndex>(
      `SELECT id, definition, done >= until AS "isComplete", used_at < now() - interval '12 hours' AS "isUnused"
         FROM event_indexes
        WHERE tenant_id = $1 AND domain = $2 AND retired_at IS NULL AND definition = ANY ($3::text[])`,
      [scope.tenantId, domain, definitions],
    );
  let rows = await read();
  const keyOf = (definition: string) => `${scope.tenantId} ${domain} ${definition}`;
  const lacking = (kept: readonly KeptIndex[]) =>
    definitions.filter((definition) => !kept.some((row) => row.definition === definition));
  if (lacking(rows).some((definition) => !refusals.has(keyOf(definition)))) {
    await registerIndexes(scope, domain, indexes);
    rows = await read();
    for (const definition of lacking(rows)) refusals.add(keyOf(definition));
  }
  rows = await used(scope, rows);
  return new Map(rows.flatMap(({ id, definition, isComplete }) => (isComplete ? [[definition, id]] : [])));
}

/** Notes that indexes are used, twice a day: what is noted is not retired before the transaction ends. */
async function used(scope: TenantScope, rows: readonly KeptIndex[]): Promise<KeptIndex[]> {
  const unused = rows.filter(({ isUnused }) => isUnused).map(({ id }) => id);
  if (unused.length === 0) return [...rows];
  const noted = await scope.query<{ id: number }>(
    `WITH kept AS (
       SELECT id FROM event_indexes WHERE tenant_id = $1 AND id = ANY ($2::bigint[]) AND retired_at IS NULL
        ORDER BY id FOR NO KEY UPDATE
     ), noted AS (
       UPDATE event_indexes SET used_at = now() WHERE tenant_id = $1 AND id IN (SELECT id FROM kept)
     )
     SELECT id FROM kept`,
    [scope.tenantId, unused],
  );
  const known = new Set(noted.map(({ id }) => id));
  return rows.filter(({ id, isUnused }) => !isUnused || known.has(id));
}
