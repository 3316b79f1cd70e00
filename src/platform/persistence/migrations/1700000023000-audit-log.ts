import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * Who changed what. Entries are only ever appended; the database itself numbers and chains them, whatever the
 * application says. `src/platform/audit/chain.ts` computes the same digest independently.
 */
const TABLES = `
-- Not removed with its tenant: what was done stays known.
CREATE TABLE audit_entries (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  id uuid NOT NULL,
  -- 1, 2, 3, … of each tenant, without a gap.
  sequence bigint NOT NULL,
  at timestamptz NOT NULL,
  actor_id text NOT NULL,
  actor_role text NOT NULL,
  action text NOT NULL,
  object_kind text NOT NULL,
  object_id text NOT NULL,
  request_id text NOT NULL,
  ip text,
  user_agent text,
  -- json, not jsonb: kept to the letter, as it is part of what is hashed.
  before json,
  after json,
  previous_hash bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, sequence)
);
CREATE INDEX audit_entries_object ON audit_entries (tenant_id, object_id, sequence);
CREATE INDEX audit_entries_actor ON audit_entries (tenant_id, actor_id, sequence);
CREATE INDEX audit_entries_action ON audit_entries (tenant_id, action, sequence);
CREATE INDEX audit_entries_at ON audit_entries (tenant_id, at);

-- Where each tenant's chain ends. Its row is the lock under which the next entry is made.
CREATE TABLE audit_heads (
  tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
  sequence bigint NOT NULL,
  hash bytea NOT NULL
);

-- Each field as the number of its bytes, a colon, and itself, or as a dash where there is none; a comma after each.
CREATE FUNCTION audit_content(p_entry audit_entries) RETURNS bytea LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT convert_to(string_agg(
           coalesce(octet_length(convert_to(field, 'UTF8')) || ':' || field, '-') || ',', '' ORDER BY place), 'UTF8')
    FROM unnest(ARRAY[
      p_entry.tenant_id::text, p_entry.id::text, p_entry.sequence::text,
      to_char(p_entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      p_entry.actor_id, p_entry.actor_role, p_entry.action, p_entry.object_kind, p_entry.object_id,
      p_entry.request_id, p_entry.ip, p_entry.user_agent, p_entry.before::text, p_entry.after::text
    ]) WITH ORDINALITY AS fields (field, place)
$$;

CREATE FUNCTION chain_audit_entry() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE head audit_heads;
BEGIN
  INSERT INTO audit_heads VALUES (NEW.tenant_id, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
  SELECT * INTO STRICT head FROM audit_heads WHERE tenant_id = NEW.tenant_id FOR UPDATE;
  NEW.sequence := head.sequence + 1;
  -- Under the lock, so that times follow the numbers; milliseconds are what clients can read back.
  NEW.at := date_trunc('milliseconds', clock_timestamp());
  NEW.previous_hash := head.hash;
  NEW.hash := sha256(NEW.previous_hash || audit_content(NEW));
  UPDATE audit_heads SET sequence = NEW.sequence, hash = NEW.hash WHERE tenant_id = NEW.tenant_id;
  RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION chain_audit_entry();

-- The owner of the table is stopped as well.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

REVOKE ALL ON FUNCTION audit_content(audit_entries), chain_audit_entry(), refuse_audit_change() FROM PUBLIC;
`;

export class AuditLog1700000023000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['audit_entries', 'audit_heads']) {
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('what was done stays known: restore a backup instead'));
  }
}
