import { artifactInputs } from '../../src/learning/export/artifact-inputs';
import { rawFromRecords } from '../../src/learning/features/raw-from-records';
import { discoverDomains } from '../../src/app/discover-domains';
import { type InferencePool } from '../../src/services/prediction/pool/inference-pool';
import { AT, BATCH_ROWS, USERS, visits } from './requests';
import { type RawAnswer, type ServerRequest } from './server-messages';

/** The artifact in the pool with encoded inputs at hand: no HTTP, no GraphQL, nothing read or written. */
export async function rawLoad(
  pool: InferencePool,
  { tenantId, sha256, concurrency, seconds }: Extract<ServerRequest, { type: 'raw' }>,
): Promise<RawAnswer> {
  const batches = encodedBatches();
  const latenciesMs: number[] = [];
  let errors = 0;
  let next = 0;
  const from = performance.now();
  const end = from + seconds * 1_000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const sentAt = performance.now();
      const { probability } = await pool.run({ tenantId, sha256 }, batches[next++ % batches.length]!);
      latenciesMs.push(performance.now() - sentAt);
      if (probability?.length !== BATCH_ROWS) errors++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return { seconds: (performance.now() - from) / 1_000, latenciesMs, errors };
}

/** What requests of the case `batch` become. */
function encodedBatches() {
  const spec = discoverDomains().find(({ kind }) => kind === 'ECOMMERCE_PURCHASE')?.featureSpec;
  if (!spec) throw new Error('there is no domain ECOMMERCE_PURCHASE');
  const records = visits(USERS).map(({ features, history }) => ({
    at: AT,
    features,
    history: history.map(({ at, ...values }) => ({ at, values })),
  }));
  return Array.from({ length: USERS / BATCH_ROWS }, (_, part) =>
    artifactInputs(spec, rawFromRecords(spec, records.slice(part * BATCH_ROWS, (part + 1) * BATCH_ROWS))),
  );
}
