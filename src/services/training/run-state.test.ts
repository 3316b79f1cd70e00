import { hasEnded, MAX_CRASHES, RUN_STATES, settle, statesBefore } from './run-state';

describe('run states', () => {
  it('end for good', () => {
    expect(RUN_STATES.filter(hasEnded)).toEqual(['SUCCEEDED', 'FAILED', 'CANCELLED']);
  });

  it('succeed only after the training', () => {
    expect(statesBefore('SUCCEEDED')).toEqual(['EVALUATING', 'EXPORTING']);
  });

  it('go back to the queue from every phase and from nowhere else', () => {
    expect(statesBefore('QUEUED')).toEqual(['PREPARING', 'TRAINING', 'SCORING', 'EVALUATING', 'EXPORTING']);
  });
});

describe('settle', () => {
  const run = { state: 'TRAINING', crashes: 0, cancelRequested: false } as const;
  const crashed = { kind: 'crashed', detail: 'was ended by SIGKILL' } as const;

  it('puts a drained run back without holding it against the run', () => {
    expect(settle({ ...run, crashes: MAX_CRASHES - 1 }, { kind: 'drained' })).toEqual({
      state: 'QUEUED',
      crashes: MAX_CRASHES - 1,
    });
  });

  it('puts a crashed run back until its attempts are used up', () => {
    expect(settle(run, crashed)).toEqual({ state: 'QUEUED', crashes: 1 });
    expect(settle({ ...run, crashes: 1 }, crashed)).toEqual({ state: 'QUEUED', crashes: 2 });
  });

  it('gives a poison run up and keeps the reason', () => {
    const settlement = settle({ ...run, crashes: 2 }, crashed);
    expect(settlement).toMatchObject({
      state: 'FAILED',
      message: expect.stringMatching(/3 executions.*in TRAINING.*its process was ended by SIGKILL/) as string,
    });
  });

  it('cancels whatever was to be cancelled, however its execution ended', () => {
    expect(settle({ ...run, crashes: 2, cancelRequested: true }, crashed)).toEqual({ state: 'CANCELLED' });
    expect(settle({ ...run, cancelRequested: true }, { kind: 'drained' })).toEqual({ state: 'CANCELLED' });
  });
});
