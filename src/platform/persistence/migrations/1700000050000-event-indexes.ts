import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * What is known of all events that share a key, such as an item: each event, and counts by minute and day, so that any
 * stretch of time is a handful of rows, however popular the key is. Kept with every batch of events; those that were
 * there before an index are added by the workers, oldest first.
 */
const TABLES = `
CREATE TABLE event_indexes (
  tenant_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  domain text NOT NULL,
  -- Which values of an event are the key, and which is aggregated.
  definition text COLLATE "C" NOT NULL,
  -- Events up to \`until\` were there before the index; those up to \`done\` have been added since.
  until bigint NOT NULL,
  done bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, domain, definition),
  FOREIGN KEY (tenant_id, domain) REFERENCES event_stores (tenant_id, domain) ON DELETE CASCADE
);
CREATE INDEX event_indexes_open ON event_indexes (tenant_id, id) WHERE done < until;

CREATE TABLE event_index_entries (
  tenant_id uuid NOT NULL,
  index_id bigint NOT NULL,
  -- A digest of the key's values.
  key text COLLATE "C" NOT NULL,
  at_ms bigint NOT NULL,
  sequence bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  number double precision,
  -- Where different values are counted.
  value text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, index_id, key, at_ms, sequence),
  FOREIGN KEY (tenant_id, index_id) REFERENCES event_indexes (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE event_index_counts (
  tenant_id uuid NOT NULL,
  index_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  -- 1: of a minute, 2: of a day (UTC), 3: of all time, where different values are counted.
  level smallint NOT NULL,
  -- When it begins, in milliseconds since 1970.
  bucket bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  first_ms bigint NOT NULL,
  last_ms bigint NOT NULL,
  -- Of the numbers that there are.
  numbers bigint NOT NULL,
  sum double precision NOT NULL,
  min double precision,
  max double precision,
  PRIMARY KEY (tenant_id, index_id, key, level, bucket, kind, value),
  FOREIGN KEY (tenant_id, index_id) REFERENCES event_indexes (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);

-- Indexes that lack events, of each tenant the oldest.
CREATE FUNCTION waiting_event_indexes() RETURNS TABLE (tenant_id uuid, index_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT DISTINCT ON (i.tenant_id) i.tenant_id, i.id FROM event_indexes i
   WHERE i.done < i.until ORDER BY i.tenant_id, i.id LIMIT 1000
$$;
REVOKE ALL ON FUNCTION waiting_event_indexes() FROM PUBLIC;
`;

export class EventIndexes1700000050000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['event_indexes', 'event_index_entries', 'event_index_counts'])
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP FUNCTION waiting_event_indexes(); DROP TABLE event_index_counts, event_index_entries, event_indexes',
    );
  }
}
