import { type RunState } from '../../src/services/training/run-state';
import { type TrainingRun } from '../../src/services/training/training-run.entity';
import { TrainingHarness } from '../support/training/training-harness';

let harness: TrainingHarness;
beforeAll(async () => {
  harness = await TrainingHarness.create();
});
afterAll(() => harness.close());

const outlookOf = async ({ id }: TrainingRun) =>
  (await harness.service.outlooks(harness.tenant.ctx, [id])).get(id);

/** As if the states had been come to so many seconds ago. */
const setTimeline = (run: TrainingRun, entries: readonly (readonly [RunState, number])[]) =>
  harness.db.database.inTenant(run.tenantId, (scope) =>
    scope.query('UPDATE jobs SET timeline = $3 WHERE tenant_id = $1 AND id = $2', [
      run.tenantId,
      run.id,
      JSON.stringify(
        entries.map(([state, ago]) => ({
          state,
          attempt: 1,
          at: new Date(Date.now() - 1000 * ago).toISOString(),
        })),
      ),
    ]),
  );

it('of a run that is executed follows from how long the phases took before', async () => {
  const { run: first, lease } = await harness.taken();
  expect(await outlookOf(first)).toMatchObject({ place: null, predictedEndAt: null, share: 0 });
  await lease.enter('TRAINING');
  // Nothing ended yet: the share is that of phases in general.
  expect(await outlookOf(first)).toMatchObject({ predictedEndAt: null, share: 0.15 });
  await harness.execute(lease);
  await setTimeline(first, [
    ['PREPARING', 1_000],
    ['TRAINING', 900],
    ['EVALUATING', 300],
    ['EXPORTING', 100],
    ['SUCCEEDED', 0],
  ]);

  const { run, lease: next } = await harness.taken();
  await next.enter('TRAINING');
  await next.enter('EVALUATING');
  await setTimeline(run, [['EVALUATING', 100]]);
  const asked = Date.now();
  const outlook = await outlookOf(run);
  // 100 s of this phase are left, and another 100 s of the one behind it.
  expect(outlook!.predictedEndAt!.getTime()).toBeGreaterThan(asked + 100_000);
  expect(outlook!.predictedEndAt!.getTime()).toBeLessThanOrEqual(Date.now() + 200_000);
  expect(outlook!.share).toBeGreaterThanOrEqual(0.8);
  expect(outlook!.share).toBeLessThanOrEqual(0.9);

  const waiting = await harness.start();
  expect(await outlookOf(waiting)).toMatchObject({ place: 0, share: 0 });
});
