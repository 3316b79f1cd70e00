import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * The event store. Events are numbered per tenant and domain under a lock, so that numbers follow the order of commits:
 * all events up to a number are the same for ever, which is what a snapshot is taken of, and the last number is their
 * count. The primary key grows at its end, the other keys where the ids and the subjects lie; nothing has to be read
 * again to count, and the index over moments is one of blocks. Texts compare by their bytes.
 */
const TABLES = `
CREATE TABLE event_stores (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  domain text NOT NULL,
  -- The number of the last event accepted, and so how many there are. Locked by whoever appends.
  last_sequence bigint NOT NULL DEFAULT 0,
  last_received_at timestamptz,
  PRIMARY KEY (tenant_id, domain)
);

-- Per kind of event, kept with every batch.
CREATE TABLE event_kinds (
  tenant_id uuid NOT NULL,
  domain text NOT NULL,
  kind text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, domain, kind),
  FOREIGN KEY (tenant_id, domain) REFERENCES event_stores (tenant_id, domain) ON DELETE CASCADE
);

CREATE TABLE events (
  tenant_id uuid NOT NULL,
  domain text NOT NULL,
  -- 1, 2, 3 … in the order of acceptance.
  sequence bigint NOT NULL,
  -- The sender's own.
  id text COLLATE "C" NOT NULL CHECK (length(id) BETWEEN 1 AND 200),
  subject text COLLATE "C" NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
  at timestamptz NOT NULL,
  kind text COLLATE "C" NOT NULL CHECK (length(kind) BETWEEN 1 AND 200),
  -- Values by the names of a file's columns.
  cells jsonb NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, domain, sequence),
  CONSTRAINT events_id UNIQUE (tenant_id, domain, id),
  FOREIGN KEY (tenant_id, domain) REFERENCES event_stores (tenant_id, domain) ON DELETE CASCADE
);
CREATE INDEX events_subject ON events (tenant_id, domain, subject, at DESC, sequence DESC);
CREATE INDEX events_at ON events USING brin (at) WITH (autosummarize = on);
`;

export class Events1700000016000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['event_stores', 'event_kinds', 'events'])
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE events, event_kinds, event_stores');
  }
}
