import path from 'node:path';
import { SnapshotWorker } from '../../../src/services/events/snapshot-worker';
import { silentLogger } from '../training/training-harness';
import { type ApiCaller } from './api-caller';
import { ingest, type SentEvent } from './stored-events';
import { type TestApi } from './test-api';

const SNAPSHOT = `id state progress eventCount watermark from until name error { code message }
  configuration { version } dataset { id state name rowCount quarantinedCount sha256 downloadUrl snapshot { id } }`;

export interface SnapshotAnswer {
  readonly id: string;
  readonly state: string;
  readonly progress: number;
  readonly eventCount: number;
  readonly watermark: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly dataset: {
    readonly id: string;
    readonly rowCount: number;
    readonly sha256: string;
    readonly downloadUrl: string;
  } | null;
}

/** A worker that makes what waits when it is told to. */
export function snapshotWorker(
  { database, stores, uploads }: TestApi,
  options: { maxBytes?: number } = {},
): SnapshotWorker {
  return new SnapshotWorker({
    database,
    objects: stores,
    dataDirectory: path.dirname(uploads),
    maxBytes: 1e9,
    heartbeatMs: 20,
    logger: silentLogger,
    ...options,
  });
}

export async function askSnapshot(
  caller: ApiCaller,
  input: object = {},
): Promise<{ __typename: string; snapshot: SnapshotAnswer }> {
  const { snapshotEvents } = await caller.data<{
    snapshotEvents: { __typename: string; snapshot: SnapshotAnswer };
  }>(
    `mutation ($input: SnapshotEventsInput!) { snapshotEvents(input: $input) {
      __typename ... on SnapshotEventsSuccess { snapshot { ${SNAPSHOT} } } ... on InvalidInput { issues { path } }
    } }`,
    { input: { domain: 'ECOMMERCE_PURCHASE', ...input } },
  );
  return snapshotEvents;
}

export async function lookAtSnapshot(caller: ApiCaller, id: string): Promise<SnapshotAnswer> {
  const { eventSnapshot } = await caller.data<{ eventSnapshot: SnapshotAnswer }>(
    `query ($id: ID!) { eventSnapshot(id: $id) { ${SNAPSHOT} } }`,
    { id },
  );
  return eventSnapshot;
}

/** Sends any number of events, in batches; what came of them all. */
export async function sendEvents(caller: ApiCaller, events: readonly SentEvent[], domain?: string) {
  const total = { accepted: 0, duplicates: 0, refused: 0 };
  for (let start = 0; start < events.length; start += 1000) {
    const answer = await ingest(caller, events.slice(start, start + 1000), domain);
    for (const key of ['accepted', 'duplicates', 'refused'] as const) total[key] += answer[key];
  }
  return total;
}
