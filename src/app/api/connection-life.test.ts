import { AppError } from '../../errors';
import { type Actor } from '../../platform/tenancy/request-context';
import { ConnectionLife } from './connection-life';

const actor: Actor = { id: 'a', role: 'ANALYST', tenantId: 't' };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A connection of this actor; what is known of it later is in `now`. */
function open(first: Actor = actor) {
  const known: { now: Actor | Error } = { now: first };
  const ended: number[] = [];
  let looks = 0;
  const life = new ConnectionLife(first, {
    identify: () => {
      looks += 1;
      if (known.now instanceof Error) return Promise.reject(known.now);
      return Promise.resolve({ requestId: 'r', actor: known.now });
    },
    end: (code) => ended.push(code),
  });
  return { life, known, ended, looks: () => looks };
}

describe('a connection', () => {
  it('ends when its token does, and not before', async () => {
    const { ended } = open({ ...actor, expiresAt: Date.now() + 150_000 });
    await jest.advanceTimersByTimeAsync(149_999);
    expect(ended).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(ended).toEqual([4403]);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(ended).toEqual([4403]);
  });

  it('ends within a minute of its key being revoked', async () => {
    const { known, ended } = open();
    await jest.advanceTimersByTimeAsync(600_000);
    expect(ended).toEqual([]);
    known.now = new AppError('UNAUTHENTICATED', 'revoked');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(ended).toEqual([4401]);
  });

  it('ends when what it may do has changed', async () => {
    const { known, ended } = open();
    known.now = { ...actor, role: 'SERVICE' };
    await jest.advanceTimersByTimeAsync(60_000);
    expect(ended).toEqual([4403]);
  });

  it('outlives an outage', async () => {
    const { known, ended } = open();
    known.now = new AppError('UNAVAILABLE', 'the database is away');
    await jest.advanceTimersByTimeAsync(180_000);
    known.now = actor;
    await jest.advanceTimersByTimeAsync(180_000);
    expect(ended).toEqual([]);
  });

  it('is not looked at any more once it is closed', async () => {
    const { life, looks, ended } = open();
    life.stop();
    await jest.advanceTimersByTimeAsync(600_000);
    expect([looks(), ended]).toEqual([0, []]);
  });
});
