import { ActivePolicies } from './active-policies';

/** A database of which the test decides when it answers, and what. */
function database() {
  const asked: { key: string; answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const find = (tenantId: string, kind: string) =>
    new Promise<string>((answer, fail) => asked.push({ key: `${tenantId} ${kind}`, answer, fail }));
  return { asked, find };
}

describe('ActivePolicies', () => {
  it('asks once for many who ask, per tenant and kind', async () => {
    const { asked, find } = database();
    const policies = new ActivePolicies({ find });
    const both = Promise.all([policies.current('a', 'K'), policies.current('a', 'K')]);
    const other = policies.current('b', 'K');
    asked[0]?.answer('of a');
    asked[1]?.answer('of b');
    expect(await both).toEqual(['of a', 'of a']);
    expect(await other).toBe('of b');
    expect(await policies.current('a', 'K')).toBe('of a');
    expect(asked.map(({ key }) => key)).toEqual(['a K', 'b K']);
  });

  it('does not take for new what was being read when something was decided', async () => {
    const { asked, find } = database();
    const policies = new ActivePolicies({ find });
    const before = policies.current('a', 'K');
    policies.announce('a', 'K');
    const after = policies.current('a', 'K');
    asked[1]?.answer('new');
    asked[0]?.answer('old');
    expect([await before, await after]).toEqual(['old', 'new']);
    expect(await policies.current('a', 'K')).toBe('new');
  });

  it('goes on with what it knows while the database cannot be reached', async () => {
    const { asked, find } = database();
    const policies = new ActivePolicies({ find, freshMs: -1 });
    const first = policies.current('a', 'K');
    asked[0]?.answer('known');
    await first;
    const second = policies.current('a', 'K');
    asked[1]?.fail(new Error('gone'));
    expect(await second).toBe('known');
    const third = policies.current('a', 'K');
    asked[2]?.answer('next');
    expect(await third).toBe('next');
  });

  it('fails where nothing is known, and asks again', async () => {
    const { asked, find } = database();
    const policies = new ActivePolicies({ find });
    const first = policies.current('a', 'K');
    asked[0]?.fail(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    const second = policies.current('a', 'K');
    asked[1]?.answer('there');
    expect(await second).toBe('there');
  });

  it('keeps no more than it may', async () => {
    const { asked, find } = database();
    const policies = new ActivePolicies({ find, capacity: 2 });
    for (const [n, tenant] of ['a', 'b', 'c', 'a'].entries()) {
      const found = policies.current(tenant, 'K');
      asked[n]?.answer(tenant);
      await found;
    }
    expect(asked).toHaveLength(4);
  });
});
