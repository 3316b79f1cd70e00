import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { discoverDomains } from '../../src/app/discover-domains';
import { type Database } from '../../src/platform/persistence/database';
import { type TenantContext } from '../../src/platform/tenancy/request-context';
import { DomainCatalogue } from '../../src/services/domains/domain-catalogue';
import { DomainConfiguration } from '../../src/services/domains/domain-configuration.entity';
import { SharedPrivacyKeys } from '../../src/platform/privacy/shared-privacy-keys';
import { ErasedSubjects } from '../../src/services/privacy/erased-subjects';
import { DomainsService } from '../../src/services/domains/domains.service';
import { type GivenEvent } from '../../src/services/events/event-input';
import { EventsService } from '../../src/services/events/events.service';
import { createTestDatabase, createTestTenant, type TestDatabase } from '../support/test-database';

const DOMAIN = 'ECOMMERCE_PURCHASE';
const START = Date.UTC(2025, 0, 1);

/** Few ids and little content, so that copies and conflicts are common; some are no events. */
const anyEvent: fc.Arbitrary<GivenEvent> = fc.record({
  id: fc.integer({ min: 0, max: 30 }).map((n) => `e${n}`),
  subjectId: fc.constantFrom('u', 'u', 'u', 'v'),
  at: fc.constantFrom(
    'never',
    ...[0, 0, 0, 1].map((minute) => new Date(START + minute * 60_000).toISOString()),
  ),
  kind: fc.constantFrom('view', 'view', 'view', 'cart'),
  values: fc.constantFrom([], [], [{ name: 'price', number: 1 }], [{ name: 'price', text: 'dear' }]),
});

interface Step {
  /** Which of two services, as of two processes, is asked. */
  readonly process: number;
  readonly tenant: number;
  readonly events: readonly GivenEvent[];
}
const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    process: fc.nat(1),
    tenant: fc.nat(1),
    events: fc.array(anyEvent, { minLength: 15, maxLength: 40 }),
  }),
  { minLength: 4, maxLength: 12 },
);

const contentOf = ({ subjectId, at, kind, values }: GivenEvent): string =>
  JSON.stringify([subjectId, at, kind, values?.map(({ number }) => number)]);

describe('batches of any tenants, sent to any process at the same time', () => {
  let server: TestDatabase;
  let database: Database;
  let services: readonly EventsService[];
  beforeAll(async () => {
    server = await createTestDatabase();
    database = await server.connect([DomainConfiguration], 10);
    const domains = new DomainsService(database, new DomainCatalogue(discoverDomains()));
    const erased = new ErasedSubjects(
      new SharedPrivacyKeys({ privacyKeyFile: null, dataDirectory: tmpdir() }),
    );
    services = [0, 1].map(() => new EventsService(database, domains, erased));
  });
  afterAll(() => server.drop());

  it('store every event once, as it was accepted, and account for every one sent', async () => {
    let [accepted, duplicates, conflicts] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        const tenants = await Promise.all([createTestTenant(database), createTestTenant(database)]);
        const contexts = tenants.map(({ id, keyId }): TenantContext => ({
          requestId: 'request',
          actor: { id: keyId, role: 'SERVICE', tenantId: id },
        }));
        const answers = await Promise.all(
          steps.map(async ({ process, tenant, events }) => ({
            tenant,
            events,
            ...(await services[process]!.ingest(contexts[tenant]!, { domain: DOMAIN, events })),
          })),
        );
        for (const [tenant, ctx] of contexts.entries()) {
          const told = answers
            .filter((answer) => answer.tenant === tenant)
            .flatMap(({ events, outcomes }) => {
              expect(outcomes.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
              return events.map((event, place) => ({ event, outcome: outcomes[place]! }));
            });
          const stored = new Map<string, string>();
          for (const { event, outcome } of told) {
            if (outcome.state !== 'ACCEPTED') continue;
            expect(stored.has(event.id)).toBe(false);
            stored.set(event.id, contentOf(event));
          }
          for (const { event, outcome } of told) {
            const isEvent = event.at !== 'never' && !event.values?.some(({ text }) => text != null);
            const isSame = isEvent && stored.get(event.id) === contentOf(event);
            if (outcome.state === 'DUPLICATE') expect(isSame).toBe(true);
            if (outcome.state === 'REFUSED') expect(isSame).toBe(false);
            if (outcome.state === 'ACCEPTED') accepted += 1;
            else if (outcome.state === 'DUPLICATE') duplicates += 1;
            else if (isEvent) conflicts += 1;
          }
          const summary = await services[0]!.summary(ctx, DOMAIN);
          expect(summary.count).toBe(stored.size);
          expect(summary.kinds.reduce((sum, { count }) => sum + count, 0)).toBe(stored.size);
          const rows = await database.inTenant(ctx.actor.tenantId, (scope) =>
            scope.query<{ id: string; subject: string; at: Date; kind: string; cells: { price?: number } }>(
              'SELECT * FROM events ORDER BY sequence',
            ),
          );
          const found = rows.map(({ id, subject, at, kind, cells }): [string, string] => [
            id,
            JSON.stringify([subject, at.toISOString(), kind, cells.price === undefined ? [] : [cells.price]]),
          ]);
          expect(new Map(found)).toEqual(stored);
        }
      }),
      { numRuns: 20 },
    );
    for (const count of [accepted, duplicates, conflicts]) expect(count).toBeGreaterThan(100);
  });
});
