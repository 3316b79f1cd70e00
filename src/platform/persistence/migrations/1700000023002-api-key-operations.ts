import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * A key may be restricted to some operations. What authenticates says so; whoever may call it now may still, so that
 * processes go on while others are upgraded.
 */
const CHANGES = `
ALTER TABLE api_keys ADD COLUMN operations text[] CHECK (cardinality(operations) BETWEEN 1 AND 100);

DO $migration$
DECLARE callers text[]; caller text;
BEGIN
  SELECT array_agg(a.grantee::regrole::text) INTO callers
    FROM pg_proc p CROSS JOIN aclexplode(p.proacl) a
   WHERE p.oid = 'authenticate_api_key(bytea)'::regprocedure AND a.grantee NOT IN (0, p.proowner);
  DROP FUNCTION authenticate_api_key(bytea);
  CREATE FUNCTION authenticate_api_key(p_hash bytea)
  RETURNS TABLE (id uuid, tenant_id uuid, role text, operations text[])
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE api_keys SET last_used_at = now()
     WHERE hash = p_hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
       AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
    SELECT api_keys.id, api_keys.tenant_id, api_keys.role, api_keys.operations FROM api_keys
     WHERE hash = p_hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());
  $$;
  REVOKE ALL ON FUNCTION authenticate_api_key(bytea) FROM PUBLIC;
  FOREACH caller IN ARRAY coalesce(callers, '{}') LOOP
    EXECUTE 'GRANT EXECUTE ON FUNCTION authenticate_api_key(bytea) TO ' || caller;
  END LOOP;
END $migration$;
`;

export class ApiKeyOperations1700000023002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('restricted keys would be free without it: restore a backup instead'));
  }
}
