import { AppError } from '../../errors';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type RunState } from '../../services/training/run-state';
import { TrainingRun } from '../../services/training/training-run.entity';
import { TrainingFeed } from './training-feed';

const ctx = {} as TenantContext;
const NEVER = 1 << 30;

function runIn(state: RunState): TrainingRun {
  return Object.assign(new TrainingRun(), { id: 'run', state, attempt: 0, progress: null, epochs: [] });
}

/** Answers with the next of these at each reading, and with the last one from then on. */
function reading(...answers: (RunState | AppError)[]): { get: jest.Mock } {
  const get = jest.fn(() => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof AppError) return Promise.reject(answer);
    return Promise.resolve(runIn(answer ?? 'QUEUED'));
  });
  return { get };
}

const stateOf = async (events: AsyncIterator<TrainingRun>): Promise<RunState | null> => {
  const result = await events.next();
  return result.done === true ? null : result.value.state;
};

describe('TrainingFeed', () => {
  it('reads again by itself when announcements are lost', async () => {
    const feed = new TrainingFeed(reading('TRAINING', 'TRAINING', 'SUCCEEDED'), 1);
    const events = await feed.follow(ctx, 'run');
    expect(await stateOf(events)).toBe('TRAINING');
    expect(await stateOf(events)).toBe('SUCCEEDED');
    expect(await stateOf(events)).toBeNull();
  });

  it('keeps an announcement that comes while nobody waits', async () => {
    const feed = new TrainingFeed(reading('TRAINING', 'SUCCEEDED'), NEVER);
    const events = await feed.follow(ctx, 'run');
    expect(await stateOf(events)).toBe('TRAINING');
    feed.announce({ tenantId: 'tenant', runId: 'run' });
    expect(await stateOf(events)).toBe('SUCCEEDED');
  });

  it('ignores announcements of other runs and what is none', async () => {
    const runs = reading('TRAINING', 'SUCCEEDED');
    const feed = new TrainingFeed(runs, NEVER);
    const events = await feed.follow(ctx, 'run');
    await stateOf(events);
    feed.announce({ tenantId: 'tenant', runId: 'other' });
    feed.announce('nonsense');
    const waiting = stateOf(events);
    expect(runs.get).toHaveBeenCalledTimes(1);
    feed.announce({ tenantId: 'tenant', runId: 'run' });
    expect(await waiting).toBe('SUCCEEDED');
  });

  it('goes on when the database does not answer for a while', async () => {
    const outage = new AppError('UNAVAILABLE', 'gone');
    const feed = new TrainingFeed(reading('TRAINING', outage, 'FAILED'), 1);
    const events = await feed.follow(ctx, 'run');
    expect(await stateOf(events)).toBe('TRAINING');
    expect(await stateOf(events)).toBe('FAILED');
  });

  it('ends at once when its follower leaves, and when the feed closes', async () => {
    const feed = new TrainingFeed(reading('TRAINING'), NEVER);
    const leaving = await feed.follow(ctx, 'run');
    await stateOf(leaving);
    const pending = stateOf(leaving);
    await leaving.return?.();
    expect(await pending).toBeNull();
    const closed = await feed.follow(ctx, 'run');
    await stateOf(closed);
    const last = stateOf(closed);
    feed.close();
    expect(await last).toBeNull();
  });

  it('passes on that there is no such run', async () => {
    const feed = new TrainingFeed(reading(new AppError('NOT_FOUND', 'no run')), NEVER);
    await expect(feed.follow(ctx, 'run')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
