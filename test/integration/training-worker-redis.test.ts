import Redis from 'ioredis';
import { describeWithRedis } from '../support/redis';
import { testTrainingWorkers } from '../support/training/worker-suite';

describeWithRedis('training workers with the queue in Redis', (redisUrl) => {
  testTrainingWorkers({
    redisUrl,
    loseJobs: async () => {
      const client = new Redis(redisUrl());
      await client.flushall();
      client.disconnect();
    },
  });
});
