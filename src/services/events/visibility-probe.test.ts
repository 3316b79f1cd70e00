import { setTimeout as sleep } from 'node:timers/promises';
import { VisibilityProbe } from './visibility-probe';

const PLACE = { tenantId: 't', domain: 'd' };
const event = (id: string) => ({ id, subjectId: 'u', at: new Date(5) });

describe('VisibilityProbe', () => {
  it('looks until the event is there, although a look-up fails, and tells the time once', async () => {
    const answers = [
      () => Promise.resolve(false),
      () => Promise.reject(new Error('away')),
      () => Promise.resolve(true),
    ];
    const asked: unknown[] = [];
    const ms = await new Promise<number>((resolve) => {
      new VisibilityProbe({
        isSeen: (...question) => {
          asked.push(question);
          return (answers.shift() ?? (() => Promise.resolve(true)))();
        },
        onSeen: resolve,
      }).committed(PLACE, event('e'));
    });
    expect(asked).toEqual(Array(3).fill([PLACE, 'e', { subjectId: 'u', before: new Date(6) }]));
    // Two pauses lie between the first look and the last.
    expect(ms).toBeGreaterThan(30);
  });

  it('looks for one event at a time, and for no other soon after', async () => {
    let seen = (_isSeen: boolean): void => undefined;
    const asked: string[] = [];
    let told = 0;
    const probe = new VisibilityProbe({
      isSeen: (_place, id) => {
        asked.push(id);
        return new Promise((resolve) => (seen = resolve));
      },
      onSeen: () => (told += 1),
      everyMs: 60_000,
    });
    probe.committed(PLACE, event('a'));
    probe.committed(PLACE, event('b'));
    seen(true);
    await sleep(1);
    probe.committed(PLACE, event('c'));
    expect([asked, told]).toEqual([['a'], 1]);
  });
});
