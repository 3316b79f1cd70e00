import { type Database } from '../../platform/persistence/database';

/** From subject to subject along the index, however many events each has. */
const SUBJECTS = `
WITH RECURSIVE subjects AS (
  (SELECT e.subject FROM events e
    WHERE e.tenant_id = $1 AND e.domain = $2 AND ($3::text IS NULL OR e.subject > $3)
    ORDER BY e.subject LIMIT 1)
  UNION ALL
  SELECT (SELECT e.subject FROM events e
           WHERE e.tenant_id = $1 AND e.domain = $2 AND e.subject > s.subject ORDER BY e.subject LIMIT 1)
    FROM subjects s WHERE s.subject IS NOT NULL
)
SELECT s.subject, EXISTS (
         SELECT FROM events e
          WHERE e.tenant_id = $1 AND e.domain = $2 AND e.subject = s.subject AND e.at < $4 AND e.sequence <= $5) AS known
  FROM subjects s WHERE s.subject IS NOT NULL LIMIT $6`;

export interface StoredSubjectsPlace {
  readonly tenantId: string;
  readonly domain: string;
  /** Only subjects with an event before it. */
  readonly asOf: Date;
  /** Only events up to this number count. */
  readonly watermark: number;
}

/** Subjects of stored events, in their order. */
export class StoredSubjects {
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly place: StoredSubjectsPlace,
  ) {}

  /** The subjects after one, some of many: those that were known at the moment; and the last that was looked at, null at the end. */
  async after(
    last: string | null,
    limit: number,
  ): Promise<{ readonly subjects: readonly string[]; readonly last: string | null }> {
    const { tenantId, domain, asOf, watermark } = this.place;
    const rows = await this.database.inTenant(tenantId, (scope) =>
      scope.query<{ subject: string; known: boolean }>(SUBJECTS, [
        ...[tenantId, domain, last, asOf.toISOString(), watermark, limit],
      ]),
    );
    return {
      subjects: rows.filter(({ known }) => known).map(({ subject }) => subject),
      last: rows.at(-1)?.subject ?? null,
    };
  }
}
