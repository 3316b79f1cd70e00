import { withOwner } from '../../src/platform/persistence/owner-connection';
import { testTrainingWorkers } from '../support/training/worker-suite';

describe('training workers with the queue in PostgreSQL', () => {
  testTrainingWorkers({
    redisUrl: () => null,
    loseJobs: (databaseUrl) =>
      withOwner(databaseUrl, async (owner) => {
        await owner.query('DELETE FROM bullmq.job');
      }),
  });
});
