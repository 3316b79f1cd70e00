import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Metrics } from '../../../src/platform/telemetry/metrics';
import { type ApiCaller } from '../../support/api/api-caller';
import { shopModel } from '../../support/api/shop-model';
import { at, ingest, view } from '../../support/api/stored-events';
import { startTestApi, type TestApi } from '../../support/api/test-api';
import { until } from '../../support/training/until';

const SECOND = path.resolve(__dirname, '../../../dist/test/support/api/second-api.js');
const metrics = new Metrics('api');

let test: TestApi;
let second: ChildProcess;
/** The same tenant, at this process and at another on the same database. */
let callers: readonly [ApiCaller, ApiCaller];
beforeAll(async () => {
  test = await startTestApi({ prediction: shopModel((events) => events / 100), metrics });
  second = fork(SECOND, [test.ownerUrl]);
  const [url] = (await once(second, 'message')) as [string];
  const { caller } = await test.tenant();
  callers = [caller, caller.at(url)];
});
afterAll(async () => {
  const exited = once(second, 'exit');
  second.disconnect();
  await exited;
  await test.close();
});

interface Answer {
  readonly probability: number;
  readonly history: { readonly count: number; readonly latestAt: string };
}

async function intentFrom(caller: ApiCaller): Promise<Answer> {
  const { purchaseIntent } = await caller.data<{ purchaseIntent: Answer }>(
    `query ($input: PurchaseIntentInput!) { purchaseIntent(input: $input) {
      ... on PurchaseIntent { probability history { count latestAt } } } }`,
    { input: { userId: 'u1' } },
  );
  return purchaseIntent;
}

describe('an event that was acknowledged', () => {
  it('is in the very next prediction, whichever process was sent it and whichever is asked', async () => {
    for (let i = 0; i < 6; i++) {
      const [told, asked] = i % 2 === 0 ? callers : [callers[1], callers[0]];
      // Asked before, so that what could be remembered is.
      await Promise.all(callers.map(intentFrom));
      await ingest(told, [view(`e${i}`, { at: at(i) })]);
      for (const { probability, history } of [await intentFrom(asked), await intentFrom(told)]) {
        expect(history).toEqual({ count: i + 1, latestAt: at(i) });
        expect(probability).toBeCloseTo((i + 1) / 100);
      }
    }
  });

  it('is looked for, and the time until it is seen exposed', async () => {
    const figure = (text: string, name: string): number =>
      Number(new RegExp(`propensity_event_visible_seconds_${name}\\{[^}]*\\} (\\S+)`).exec(text)?.[1]);
    const text = await until(
      () => metrics.registry.metrics(),
      (now) => figure(now, 'count') > 0,
    );
    // 10 s stand for never.
    expect(figure(text, 'sum')).toBeLessThan(10 * figure(text, 'count'));
    expect(figure(text, 'sum')).toBeGreaterThan(0);
  });
});
