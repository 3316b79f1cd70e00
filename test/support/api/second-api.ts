import 'reflect-metadata';
import { shopModel } from './shop-model';
import { startTestApi } from './test-api';

/**
 * The body of a process that serves a model which answers with a hundredth of its events' number, on the database whose
 * address it is started with, until its parent is gone. It says where.
 */
async function serve(): Promise<void> {
  const [, , ownerUrl = ''] = process.argv;
  const api = await startTestApi({
    prediction: shopModel((events) => events / 100),
    beside: { ownerUrl },
  });
  process.on('disconnect', () => void api.close().finally(() => process.exit()));
  process.send?.(api.url);
}

void serve();
