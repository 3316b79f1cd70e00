import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The oldest events of a domain, and the first and the last of a kind, without reading the others: events are kept for a
 * period, and go from the oldest on.
 */
export class EventMoments1700000109000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX events_moments ON events (tenant_id, domain, at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX events_moments');
  }
}
