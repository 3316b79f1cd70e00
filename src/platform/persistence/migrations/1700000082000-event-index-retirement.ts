import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * An index that nothing needs any more is not written and not asked from a moment on; what is in it is removed by the
 * workers, a page at a time, and then itself. It may be wanted again meanwhile, and is another one then.
 */
export class EventIndexRetirement1700000082000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE event_indexes ADD COLUMN used_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN retired_at timestamptz;
      ALTER TABLE event_indexes DROP CONSTRAINT event_indexes_tenant_id_domain_definition_key;
      CREATE UNIQUE INDEX event_indexes_definition ON event_indexes (tenant_id, domain, definition)
        WHERE retired_at IS NULL;
      CREATE INDEX event_indexes_retired ON event_indexes (tenant_id, id) WHERE retired_at IS NOT NULL;
      CREATE INDEX event_indexes_used ON event_indexes (used_at) WHERE retired_at IS NULL;
      DROP INDEX event_indexes_open;
      CREATE INDEX event_indexes_open ON event_indexes (tenant_id, id) WHERE done < until AND retired_at IS NULL;
    `);
    await runner.query(`
      -- Indexes that lack events; without any, those that nobody asked for a month, and those to be removed.
      CREATE OR REPLACE FUNCTION waiting_event_indexes() RETURNS TABLE (tenant_id uuid, index_id bigint)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
      AS $$
        SELECT DISTINCT ON (w.tenant_id) w.tenant_id, w.id FROM (
          SELECT i.tenant_id, i.id, 1 AS turn FROM event_indexes i WHERE i.done < i.until AND i.retired_at IS NULL
           UNION ALL
          SELECT i.tenant_id, i.id, 2 FROM event_indexes i
           WHERE i.retired_at IS NULL AND i.used_at < now() - interval '30 days'
           UNION ALL
          SELECT i.tenant_id, i.id, 3 FROM event_indexes i WHERE i.retired_at IS NOT NULL
        ) w ORDER BY w.tenant_id, w.turn, w.id LIMIT 1000
      $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION waiting_event_indexes() RETURNS TABLE (tenant_id uuid, index_id bigint)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
      AS $$
        SELECT DISTINCT ON (i.tenant_id) i.tenant_id, i.id FROM event_indexes i
         WHERE i.done < i.until ORDER BY i.tenant_id, i.id LIMIT 1000
      $$;
      DELETE FROM event_indexes WHERE retired_at IS NOT NULL;
      DROP INDEX event_indexes_open;
      CREATE INDEX event_indexes_open ON event_indexes (tenant_id, id) WHERE done < until;
      DROP INDEX event_indexes_used;
      DROP INDEX event_indexes_retired;
      DROP INDEX event_indexes_definition;
      ALTER TABLE event_indexes ADD UNIQUE (tenant_id, domain, definition);
      ALTER TABLE event_indexes DROP COLUMN used_at, DROP COLUMN retired_at;
    `);
  }
}
