import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type ItemColumns } from '../domains/domain-catalogue';

/** Events of a subject that are looked at, at most: beyond them, counts are lower bounds. */
export const MAX_EXPOSURES = 5_000;

/** An event of a subject, and what was shown by it, if the event says so. */
export interface Exposure {
  readonly kind: string;
  readonly atMs: number;
  readonly item: string | null;
  readonly group: string | null;
}

/** One walk along the index of the subject's events, no further back than asked. */
const EXPOSURES = `
SELECT kind, at, cells ->> $6 AS item, cells ->> $7 AS "group" FROM events
 WHERE tenant_id = $1 AND domain = $2 AND subject = $3 AND at >= $4 AND at < $5
 ORDER BY at DESC, sequence DESC LIMIT ${MAX_EXPOSURES}`;

/** What a subject saw from a moment on and strictly before another, the latest first. */
export async function exposures(
  scope: TenantScope,
  {
    domain,
    columns,
    subjectId,
    from,
    before,
  }: {
    readonly domain: string;
    readonly columns: ItemColumns;
    readonly subjectId: string;
    readonly from: Date;
    readonly before: Date;
  },
): Promise<readonly Exposure[]> {
  const rows = await scope.query<Omit<Exposure, 'atMs'> & { readonly at: Date }>(EXPOSURES, [
    scope.tenantId,
    domain,
    subjectId,
    from.toISOString(),
    before.toISOString(),
    columns.item,
    columns.group,
  ]);
  return rows.map(({ at, ...exposure }) => ({ ...exposure, atMs: at.getTime() }));
}
