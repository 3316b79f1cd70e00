import { AppError } from '../../errors';
import { type TrainingProgress } from '../../learning/training/contract';
import { RunJournal } from './run-journal';
import { LeaseLostError } from './run-lease';

const KEY = { tenantId: 't', runId: 'r', owner: 'o' };

function progress(step: number): TrainingProgress {
  return {
    epoch: 1,
    maxEpochs: 1,
    step,
    totalSteps: 100,
    loss: 1,
    examplesPerSecond: 1,
    etaSeconds: 1,
    epochs: [],
  };
}

/** A lease that records what is written, and fails as it is told to. */
function journalOf(failures: Error[] = []) {
  const written: unknown[] = [];
  const broken: unknown[] = [];
  const write = (what: unknown): Promise<void> => {
    const failure = failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    written.push(what);
    return Promise.resolve();
  };
  const lease = {
    enter: write,
    prepared: write,
    started: write,
    report: ({ step }: TrainingProgress) => write(step),
  };
  const ending = new AbortController();
  const journal = new RunJournal(lease, {
    intervalMs: 50,
    signal: ending.signal,
    onBroken: (error) => broken.push(error),
  });
  return { journal, written, broken, ending };
}

describe('RunJournal', () => {
  it('writes phases in order, with the progress that came before them', async () => {
    const { journal, written } = journalOf();
    journal.phase('TRAINING');
    journal.progress(progress(1));
    journal.progress(progress(2));
    journal.phase('EVALUATING');
    await journal.written();
    expect(written).toEqual(['TRAINING', 2, 'EVALUATING']);
  });

  it('writes only the newest of progress that comes too fast', async () => {
    const { journal, written } = journalOf();
    for (let step = 1; step <= 1000; step += 1) {
      journal.progress(progress(step));
      if (step % 100 === 0) await new Promise(setImmediate);
    }
    await journal.written();
    expect(written.at(-1)).toBe(1000);
    expect(written.length).toBeLessThanOrEqual(3);
  });

  it('writes again after an outage', async () => {
    const { journal, written, broken } = journalOf([new AppError('UNAVAILABLE', 'away')]);
    journal.phase('TRAINING');
    await journal.written();
    expect(written).toEqual(['TRAINING']);
    expect(broken).toEqual([]);
  });

  it('says once that the lease is lost, and writes nothing afterwards', async () => {
    const lost = new LeaseLostError(KEY);
    const { journal, written, broken } = journalOf([lost]);
    journal.phase('TRAINING');
    journal.phase('EVALUATING');
    journal.progress(progress(1));
    await journal.written();
    expect(broken).toEqual([lost]);
    expect(written).toEqual([]);
  });

  it('writes nothing more when the execution is to leave off', async () => {
    const { journal, written, broken, ending } = journalOf([new AppError('UNAVAILABLE', 'away')]);
    journal.phase('TRAINING');
    ending.abort();
    await journal.written();
    expect(written).toEqual([]);
    expect(broken).toEqual([]);
  });
});
