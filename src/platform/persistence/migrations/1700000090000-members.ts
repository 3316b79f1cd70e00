import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/** People of a tenant, whom its own identity providers vouch for. */
const TABLES = `
CREATE TABLE identity_providers (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 2000),
  audiences text[] NOT NULL CHECK (cardinality(audiences) BETWEEN 1 AND 20),
  -- The claim that gives roles; NULL: none does, and everybody is invited.
  role_claim text CHECK (length(role_claim) BETWEEN 1 AND 200),
  -- [{value, role}]: the first that a token has.
  role_mapping jsonb NOT NULL DEFAULT '[]',
  -- Whose e-mail addresses are let in; empty: all.
  email_domains text[] NOT NULL DEFAULT '{}',
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, issuer)
);

-- One row for each person: who is removed and invited again is the same member.
CREATE TABLE members (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  email text,
  display_name text,
  role text NOT NULL CHECK (role IN ('TENANT_ADMIN', 'ANALYST', 'SERVICE')),
  role_source text NOT NULL CHECK (role_source IN ('ASSIGNED', 'CLAIM')),
  -- When the token that gave or withdrew the role was issued, in seconds since 1970.
  role_as_of bigint NOT NULL DEFAULT 0,
  state text NOT NULL CHECK (state IN ('ACTIVE', 'WITHDRAWN', 'REMOVED')),
  -- Id of the API key or member that invited; NULL: nobody had to.
  invited_by uuid,
  joined_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz,
  removed_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, issuer, subject),
  CHECK ((state = 'REMOVED') = (removed_at IS NOT NULL)),
  CHECK (state <> 'WITHDRAWN' OR role_source = 'CLAIM')
);
CREATE INDEX members_joined ON members (tenant_id, joined_at DESC, id DESC);

CREATE TABLE member_invitations (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- SHA-256 of the token, whose 256 random bits need no salt and no slow hash.
  hash bytea NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('TENANT_ADMIN', 'ANALYST', 'SERVICE')),
  -- The only address that may accept; NULL: whoever has the token.
  email text,
  invited_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  member_id uuid,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
  CHECK ((accepted_at IS NULL) = (member_id IS NULL)),
  CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE INDEX member_invitations_created ON member_invitations (tenant_id, created_at DESC, id DESC);
CREATE INDEX member_invitations_member ON member_invitations (tenant_id, member_id) WHERE member_id IS NOT NULL;

-- Whether, and how, the tenant that a request names trusts the issuer that its token names.
CREATE FUNCTION trusted_issuer(p_tenant uuid, p_slug text, p_issuer text)
RETURNS TABLE (tenant_id uuid, audiences text[], role_claim text, role_mapping jsonb, email_domains text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.tenant_id, p.audiences, p.role_claim, p.role_mapping, p.email_domains
    FROM identity_providers p
   WHERE p.issuer = p_issuer
     AND p.tenant_id = coalesce(p_tenant, (SELECT t.id FROM tenants t WHERE t.slug = p_slug));
$$;

-- Of an invitation that can still be accepted.
CREATE FUNCTION open_invitation(p_hash bytea) RETURNS TABLE (tenant_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT i.tenant_id, i.id FROM member_invitations i
   WHERE i.hash = p_hash AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now();
$$;

REVOKE ALL ON FUNCTION trusted_issuer(uuid, text, text), open_invitation(bytea) FROM PUBLIC;
`;

export class Members1700000090000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    for (const table of ['identity_providers', 'members', 'member_invitations']) {
      await runner.query(`
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON ${table}
          USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
        CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true) WITH CHECK (true);
      `);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION trusted_issuer(uuid, text, text);
      DROP FUNCTION open_invitation(bytea);
      DROP TABLE member_invitations;
      DROP TABLE members;
      DROP TABLE identity_providers;
    `);
  }
}
