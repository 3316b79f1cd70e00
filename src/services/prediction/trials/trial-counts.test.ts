import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { TrialCounts } from './trial-counts';

const counted = { tenantId: 'tenant', trialId: 'trial', role: 'CHALLENGER' } as const;

describe('counts of a trial', () => {
  it('are written down together, and once', async () => {
    const saved: unknown[][] = [];
    const counts = new TrialCounts(
      databaseOf((parameters) => void saved.push(parameters)),
      () => undefined,
    );
    counts.add(counted, 'answered', 3);
    counts.add(counted, 'failed');
    counts.add(counted, 'answered', 4);
    counts.add(counted, 'dropped', 0);
    await counts.flush();
    await counts.flush();
    expect(saved).toEqual([['tenant', 'trial', 'CHALLENGER', 7, 0, 0, 0, 1, 0]]);
  });

  it('are not lost when the database is', async () => {
    const saved: unknown[][] = [];
    const errors: unknown[] = [];
    let isDown = true;
    const counts = new TrialCounts(
      databaseOf((parameters) => {
        if (isDown) throw new Error('down');
        saved.push(parameters);
      }),
      (error) => errors.push(error),
    );
    counts.add(counted, 'answered', 2);
    await counts.flush();
    counts.add(counted, 'answered', 1);
    isDown = false;
    await counts.flush();
    expect(errors).toHaveLength(1);
    expect(saved).toEqual([['tenant', 'trial', 'CHALLENGER', 3, 0, 0, 0, 0, 0]]);
  });
});

function databaseOf(save: (parameters: unknown[]) => void) {
  return {
    inTenant: async <T>(_tenantId: string, work: (scope: TenantScope) => Promise<T>): Promise<T> => {
      const scope = {
        query: (_sql: string, parameters: unknown[]) => Promise.resolve().then(() => save(parameters)),
      };
      return work(scope as unknown as TenantScope);
    },
  };
}
