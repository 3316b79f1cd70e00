import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Proof } from '../../src/app/isolation/proof';
import { PlatformProcess, withDataDirectory } from '../support/e2e/platform';

const PROGRAM = path.resolve(__dirname, '../../dist/src/app/prove-isolation.js');
/** What needs models, which only a worker makes; the other fields are tried in test/integration/isolation-proof. */
const FIELDS = [
  ...['modelVersion', 'modelVersions', 'compareModels', 'purchaseIntent', 'prediction', 'predictions'],
  ...['replayPrediction', 'trainingRun', 'batchScoring', 'audience', 'challengers', 'trainingProgress'],
  ...[
    'promoteModel',
    'startChallenger',
    'scoreDataset',
    'recordOutcomes',
    'cancelTraining',
    'retryTrainingRun',
  ],
];

test(
  'two tenants with models of their own see nothing of each other: the program says so, and exits with 0',
  () =>
    withDataDirectory(async (dataDirectory) => {
      const platform = PlatformProcess.start({ dataDirectory });
      try {
        const url = await platform.url();
        const adminKey = await platform.platformAdminKey();
        const { stdout } = await promisify(execFile)(
          process.execPath,
          [PROGRAM, '--url', url, '--admin-key', adminKey, '--only', FIELDS.join(','), '--json'],
          { maxBuffer: 64 * 1024 * 1024 },
          // What it found is to be seen, and not its exit alone.
        ).catch((error: unknown) => error as { readonly stdout: string });
        const proof = JSON.parse(stdout) as Proof;
        expect(proof.findings).toEqual([]);
        const missing = ['ModelVersion', 'TrainingRun', 'RecordedPrediction', 'BatchScoring', 'Challenger'];
        expect(proof.withoutInstance.filter((type) => missing.includes(type))).toEqual([]);
        for (const name of FIELDS)
          expect(
            proof.tried.find(({ operation }) => operation.endsWith(` ${name}`))?.requests,
          ).toBeGreaterThan(0);
      } finally {
        await platform.stop();
      }
    }),
  600_000,
);
