import { GroupCommit } from './group-commit';

interface Commit {
  readonly tenantId: string;
  readonly rows: readonly number[];
  readonly end: (error?: Error) => void;
}

function harness(options: Partial<ConstructorParameters<typeof GroupCommit<number>>[0]> = {}) {
  const commits: Commit[] = [];
  const group = new GroupCommit<number>({
    commit: (tenantId, rows) =>
      new Promise((resolve, reject) => {
        commits.push({ tenantId, rows, end: (error) => (error ? reject(error) : resolve()) });
      }),
    bytesOf: () => 10,
    ...options,
  });
  return { commits, group };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));
const turns = async () => {
  for (let i = 0; i < 5; i++) await turn();
};

describe('GroupCommit', () => {
  it('commits what comes in one turn together, and what comes meanwhile after it', async () => {
    const { commits, group } = harness();
    const first = [group.add('a', 1), group.add('a', 2)];
    await turns();
    const second = [group.add('a', 3), group.add('a', 4), group.add('a', 5)];
    await turns();
    expect(commits.map(({ rows }) => rows)).toEqual([[1, 2]]);
    commits[0]!.end();
    await Promise.all(first);
    await turns();
    expect(commits.map(({ rows }) => rows)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    commits[1]!.end();
    await Promise.all(second);
  });

  it('acknowledges no row before its commit has ended', async () => {
    const { commits, group } = harness();
    let acknowledged = false;
    const row = group.add('a', 1).then(() => (acknowledged = true));
    await turns();
    expect([commits.length, acknowledged]).toEqual([1, false]);
    commits[0]!.end();
    await row;
    expect(acknowledged).toBe(true);
  });

  it('lets tenants take turns, whoever has more to commit', async () => {
    const { commits, group } = harness({ concurrency: 1, maxRows: 2 });
    const all = [1, 2, 3, 4, 5].map((row) => group.add('many', row));
    all.push(group.add('few', 6));
    for (let done = 0; done < 4; done++) {
      await turns();
      commits[done]!.end();
    }
    await Promise.all(all);
    expect(commits.map(({ tenantId, rows }) => `${tenantId} ${rows.join()}`)).toEqual([
      'many 1,2',
      'few 6',
      'many 3,4',
      'many 5',
    ]);
  });

  it('fails the rows of a commit that fails, and no others', async () => {
    const { commits, group } = harness();
    const failing = group.add('a', 1);
    const failed = expect(failing).rejects.toThrow('lost');
    await turns();
    const other = group.add('a', 2);
    commits[0]!.end(new Error('lost'));
    await failed;
    await turns();
    commits[1]!.end();
    await other;
  });

  it('refuses what is beyond its bounds', async () => {
    const { commits, group } = harness({ maxWaitingRows: 2 });
    const waiting = [group.add('a', 1), group.add('b', 2)];
    await expect(group.add('c', 3)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await turns();
    for (const { end } of commits) end();
    await Promise.all(waiting);
    const bytes = harness({ maxWaitingBytes: 15 });
    const row = bytes.group.add('a', 1);
    await expect(bytes.group.add('a', 2)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await turns();
    bytes.commits[0]!.end();
    await row;
  });

  it('splits by bytes, and commits a row that is larger alone', async () => {
    const { commits, group } = harness({ maxBytes: 5 });
    const rows = [group.add('a', 1), group.add('a', 2)];
    await turns();
    commits[0]!.end();
    await turns();
    commits[1]!.end();
    await Promise.all(rows);
    expect(commits.map((commit) => commit.rows)).toEqual([[1], [2]]);
  });

  it('gives up a commit that does not end, and what waited for it too long', async () => {
    const { commits, group } = harness({ deadlineMs: 20, concurrency: 1 });
    const stuck = [group.add('a', 1), group.add('a', 2)].map((row) =>
      expect(row).rejects.toMatchObject({ code: 'UNAVAILABLE' }),
    );
    await turns();
    const waiting = expect(group.add('b', 3)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await Promise.all([...stuck, waiting]);
    const next = group.add('b', 4);
    await turns();
    commits.at(-1)!.end();
    await next;
    expect(commits.at(-1)!.rows).toEqual([4]);
  });
});
