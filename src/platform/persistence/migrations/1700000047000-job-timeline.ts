import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * When a job came to each of its states. The database writes it down itself, so that no change of a state is missed,
 * whoever makes it. A job that is put back again and again stops being written down; its end always is.
 */
const TIMELINE = `
ALTER TABLE jobs ADD COLUMN timeline jsonb NOT NULL DEFAULT '[]';

CREATE FUNCTION record_job_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (TG_OP = 'INSERT' OR NEW.state IS DISTINCT FROM OLD.state)
     AND (jsonb_array_length(NEW.timeline) < 1000 OR NEW.finished_at IS NOT NULL) THEN
    NEW.timeline := NEW.timeline || jsonb_build_object(
      'state', NEW.state, 'attempt', NEW.attempt,
      'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION record_job_state() FROM PUBLIC;

CREATE TRIGGER jobs_record_state BEFORE INSERT OR UPDATE ON jobs
  FOR EACH ROW EXECUTE FUNCTION record_job_state();
`;

export class JobTimeline1700000047000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TIMELINE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER jobs_record_state ON jobs;
      DROP FUNCTION record_job_state();
      ALTER TABLE jobs DROP COLUMN timeline;
    `);
  }
}
