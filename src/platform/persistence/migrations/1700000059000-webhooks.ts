import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** Where alerts are sent, and what became of each: rows that wait are written with the alert itself. */
const TABLES = `
CREATE TABLE webhooks (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
  -- Kinds of alerts; empty: all.
  events jsonb NOT NULL,
  -- What deliveries are signed with: it has to be at hand whenever one is.
  secret text NOT NULL,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Deliveries in a row that were given up.
  failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
  disabled_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, url)
);

CREATE TABLE webhook_deliveries (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  webhook_id uuid NOT NULL,
  alert_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('PENDING', 'DELIVERED', 'FAILED')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  leased_until timestamptz NOT NULL DEFAULT '-infinity',
  -- Of the last attempt: the status that came back, or what went wrong.
  status integer,
  error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, alert_id) REFERENCES alerts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_latest ON webhook_deliveries (tenant_id, webhook_id, sequence DESC);
CREATE INDEX webhook_deliveries_alert ON webhook_deliveries (tenant_id, alert_id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE state = 'PENDING';

-- Deliveries that are to be tried, of each tenant the oldest.
CREATE FUNCTION due_webhook_deliveries(per_tenant integer) RETURNS TABLE (tenant_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
  SELECT due.tenant_id, due.id FROM (
    SELECT d.tenant_id, d.id, row_number() OVER (PARTITION BY d.tenant_id ORDER BY d.next_attempt_at, d.sequence) AS place
      FROM webhook_deliveries d
     WHERE d.state = 'PENDING' AND d.next_attempt_at <= now() AND d.leased_until < now()
  ) due
  WHERE due.place <= per_tenant ORDER BY random() LIMIT 200
$$;
REVOKE ALL ON FUNCTION due_webhook_deliveries(integer) FROM PUBLIC;
`;

export class Webhooks1700000059000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['webhooks', 'webhook_deliveries'])
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
      'DROP FUNCTION due_webhook_deliveries(integer); DROP TABLE webhook_deliveries, webhooks',
    );
  }
}
