import { type MigrationInterface, type QueryRunner } from 'typeorm';

const CURRENT_TENANT = `NULLIF(current_setting('app.tenant_id', true), '')::uuid`;

/**
 * How often each item of a domain was shown and how often with success, by day: kept with every batch of events, as
 * counting them again would read them all.
 */
export class EventRates1700000042000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_rates (
        tenant_id uuid NOT NULL,
        domain text NOT NULL,
        item text COLLATE "C" NOT NULL CHECK (length(item) BETWEEN 1 AND 200),
        -- UTC, of the events' own moments.
        day date NOT NULL,
        shown bigint NOT NULL CHECK (shown > 0),
        positives bigint NOT NULL CHECK (positives BETWEEN 0 AND shown),
        -- Of those shown with a prediction: how many, and the sum of what was predicted.
        predicted_shown bigint NOT NULL CHECK (predicted_shown BETWEEN 0 AND shown),
        predicted double precision NOT NULL CHECK (predicted >= 0),
        PRIMARY KEY (tenant_id, domain, item, day),
        FOREIGN KEY (tenant_id, domain) REFERENCES event_stores (tenant_id, domain) ON DELETE CASCADE
      );
      ALTER TABLE event_rates ENABLE ROW LEVEL SECURITY;
      ALTER TABLE event_rates FORCE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON event_rates
        USING (tenant_id = ${CURRENT_TENANT}) WITH CHECK (tenant_id = ${CURRENT_TENANT});
      CREATE POLICY owner ON event_rates TO CURRENT_USER USING (true) WITH CHECK (true);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_rates');
  }
}
