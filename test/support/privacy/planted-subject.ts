import { registerIndexes } from '../../../src/services/events/keys/register-indexes';
import { TrainingRun } from '../../../src/services/training/training-run.entity';
import { askSnapshot, lookAtSnapshot, snapshotWorker } from '../api/event-snapshots';
import { logPrediction } from '../api/log-prediction';
import { storeScoring } from '../api/stored-scoring';
import { at, ingest, type SentEvent, view } from '../api/stored-events';
import { announceDataset, KIND } from '../api/table-dataset';
import { type ApiTenant, type TestApi } from '../api/test-api';
import { startRun, trainedModel } from '../api/trained-model';

/** In the file of scores, and planted everywhere else. */
export const SUBJECT = 'u1';
export const PLANTED = 'planted-7f3a@example.org';

const KINDS = ['visit', 'visit', 'view', 'view', 'cart', 'purchase', 'view'];

export const events = (): SentEvent[] =>
  Array.from({ length: 40 }, (_, i) =>
    view(i % 4 === 0 ? `${PLANTED}-${i}` : `e${i}`, {
      subjectId: i % 4 === 0 ? SUBJECT : `u${2 + (i % 3)}`,
      at: at(i * 60),
      kind: KINDS[i % KINDS.length] ?? '',
      values: [
        { name: 'category', text: 'garden' },
        { name: 'price', number: i },
        { name: 'note', text: i % 4 === 0 ? PLANTED : 'nobody' },
      ],
    }),
  );

export const INDEXES = [
  { by: ['cell:category'], column: 'cell:price', as: 'NUMBERS' as const },
  { by: ['cell:category'], column: 'cell:note', as: 'VALUES' as const },
];

/** Everything that can be kept of a subject, at a tenant's. */
export async function plant(test: TestApi, tenant: ApiTenant) {
  await test.database.inTenant(tenant.id, (scope) => registerIndexes(scope, KIND, INDEXES));
  await ingest(tenant.caller, events());
  const { snapshot } = await askSnapshot(tenant.caller);
  await snapshotWorker(test).makeWaiting();
  const made = await lookAtSnapshot(tenant.caller, snapshot.id);
  expect(made).toMatchObject({ state: 'SUCCEEDED', error: null });
  const snapshotId = made.dataset?.id ?? '';
  const content = await tenant.caller.http(made.dataset?.downloadUrl ?? '', { method: 'GET' });
  const [header = '', ...lines] = (await content.text()).trimEnd().split('\n');
  // An upload of the same columns, with lines that are no rows.
  const uploaded = await announceDataset(tenant.caller);
  const broken = [`${SUBJECT},${PLANTED}`, 'u4,somebody'];
  const body = [header, ...lines, ...broken].join('\n') + '\n';
  const answer = await tenant.caller.http(uploaded.uploadUrl, { method: 'PUT', body });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('READY')]);
  for (const id of [snapshotId, uploaded.id])
    await tenant.caller.data('query ($id: ID!) { dataset(id: $id) { profile { __typename } } }', { id });
  const runId = await startRun(tenant, uploaded.id);
  await test.database.inTenant(tenant.id, (scope) =>
    scope.repository(TrainingRun).update({ id: runId }, { attempt: 1, startedAt: new Date() }),
  );
  const predictionsCsv = `part,id,label,probability\nvalidation,e1,1,0.9\ntest,${PLANTED}-8,1,0.8\ntest,e2,0,0.2\n`;
  const version = await trainedModel(test, tenant, { runId, predictionsCsv });
  await tenant.caller.data(
    'mutation ($id: ID!) { promoteModel(input: { modelVersionId: $id }) { __typename } }',
    { id: version.id },
  );
  const modelVersionId = version.id;
  const predictionId = await logPrediction(test, tenant, { modelVersionId, subjectId: SUBJECT });
  const othersId = await logPrediction(test, tenant, { modelVersionId, subjectId: 'u2' });
  await test.database.inTenant(tenant.id, (scope) =>
    scope.query(
      `INSERT INTO outcomes (tenant_id, prediction_id, label, at) SELECT $1, unnest($2::uuid[]), true, now()`,
      [tenant.id, [predictionId, othersId]],
    ),
  );
  const scoringId = await storeScoring(test, tenant, {
    kind: KIND,
    modelVersionId,
    probabilities: [0.1, 0.9, 0.3],
  });
  return {
    snapshotId,
    uploadedId: uploaded.id,
    uploadUrl: uploaded.uploadUrl,
    body,
    runId,
    modelVersionId,
    scoringId,
  };
}
