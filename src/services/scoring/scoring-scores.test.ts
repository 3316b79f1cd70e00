import { AppError } from '../../errors';
import { Ranking } from '../../learning/scoring/ranking';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { ScoringScores } from './scoring-scores';

const ctx = { actor: { tenantId: 'tenant' } } as unknown as TenantContext;

/** Scores whose file is the first of these when it is looked for first, then the next; the last one stays. */
function scoresIn(...files: string[]): ScoringScores {
  const row = () => ({
    result: { ranking: { sha256: files.length > 1 ? files.shift() : files[0] }, accounting: { scored: 10 } },
  });
  const scope = { repository: () => ({ getOrThrow: () => Promise.resolve(row()) }) };
  const database = { inTenant: (_: string, work: (s: object) => unknown) => work(scope) };
  const stores = {
    forTenant: () => ({
      localPath: (sha256: string) =>
        sha256 === 'deleted' ? Promise.reject(new AppError('NOT_FOUND', 'gone')) : Promise.resolve(sha256),
    }),
  };
  return new ScoringScores(database as unknown as Database, stores as unknown as ObjectStores);
}

let reads: number;
beforeEach(() => {
  reads = 0;
  jest.spyOn(Ranking, 'with').mockImplementation((path, work) => {
    reads += 1;
    if (path === 'removed') return Promise.reject(new Error('no files found'));
    return work({ total: () => Promise.resolve({ count: 1, expected: 1 }) } as unknown as Ranking);
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('the scores of a scoring', () => {
  it.each(['removed', 'deleted'])(
    'are read where an erasure has put them, when the file was %s meanwhile',
    async (was) => {
      expect(await scoresIn(was, 'cleaned').total(ctx, 'id')).toEqual({ count: 1, expected: 1 });
    },
  );

  it('are not looked for again when the file is still the one', async () => {
    await expect(scoresIn('removed').total(ctx, 'id')).rejects.toThrow('no files found');
    await expect(scoresIn('deleted').total(ctx, 'id')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(reads).toBe(1);
  });

  it('are refused with an unknown cursor, at once', async () => {
    const page = scoresIn('cleaned').page(ctx, 'id', { first: 1, after: 'x' });
    await expect(page).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
