import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** A key that is replaced says by which; both work until the old one expires, which can come earlier and never later. */
const CHANGES = `
ALTER TABLE api_keys
  ADD COLUMN replaced_by uuid,
  ADD UNIQUE (tenant_id, id),
  ADD FOREIGN KEY (tenant_id, replaced_by) REFERENCES api_keys (tenant_id, id);

CREATE FUNCTION refuse_longer_api_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.expires_at < NEW.expires_at OR (OLD.expires_at IS NOT NULL AND NEW.expires_at IS NULL) THEN
    RAISE EXCEPTION 'the life of an API key cannot be extended' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION refuse_longer_api_key() FROM PUBLIC;
CREATE TRIGGER never_longer BEFORE UPDATE OF expires_at ON api_keys
  FOR EACH ROW EXECUTE FUNCTION refuse_longer_api_key();
`;

export class ApiKeyRotation1700000023001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER never_longer ON api_keys;
      DROP FUNCTION refuse_longer_api_key();
      ALTER TABLE api_keys DROP COLUMN replaced_by, DROP CONSTRAINT api_keys_tenant_id_id_key;
    `);
  }
}
