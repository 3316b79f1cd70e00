import { type Database } from '../../../src/platform/persistence/database';
import { TRAINING_ENTITIES } from '../../../src/services/training/training-entities';
import { createTestDatabase } from '../test-database';

export interface TrainingDatabase {
  readonly ownerUrl: string;
  readonly database: Database;
  close(): Promise<void>;
}

/** A database of its own for one test file, with the entities of training. */
export async function trainingDatabase(): Promise<TrainingDatabase> {
  const test = await createTestDatabase();
  return {
    ownerUrl: test.ownerUrl,
    database: await test.connect(TRAINING_ENTITIES, 10),
    close: () => test.drop(),
  };
}
