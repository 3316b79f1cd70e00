import { measureFairness } from '../../bench/queue/measure';
import { describeWithRedis } from '../support/redis';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

/** What must hold whatever keeps the queue: jobs are handed out in their order, runs are not. */
function testFairness(redisUrl: () => string | null): void {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(() => database.drop());

  it('begins the single run of a tenant when the run that is executed ends, before 1,000 of another', async () => {
    const place = { ownerUrl: database.ownerUrl, redisUrl: redisUrl() };
    const { overtaking } = await measureFairness(place, { waiting: 1000, jobMs: 20, probes: 3 });
    // One that is being taken at the very moment of the request is known to have begun only after it.
    expect(overtaking).toBeLessThanOrEqual(1);
  });
}

describe('a tenant with many runs, with the queue in PostgreSQL', () => {
  testFairness(() => null);
});

describeWithRedis('a tenant with many runs, with the queue in Redis', (redisUrl) => {
  testFairness(redisUrl);
});
