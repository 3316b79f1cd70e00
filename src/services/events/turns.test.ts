import { Turns } from './turns';

describe('Turns', () => {
  it('are taken one after the other by those of one key, and do not concern other keys', async () => {
    const turns = new Turns(10);
    const log: string[] = [];
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const first = turns.run('a', async () => {
      log.push('a1 begins');
      await gate;
      log.push('a1 ends');
    });
    const second = turns.run('a', () => Promise.resolve(log.push('a2')));
    await turns.run('b', () => Promise.resolve(log.push('b1')));
    expect(log).toEqual(['a1 begins', 'b1']);
    release();
    await Promise.all([first, second]);
    expect(log).toEqual(['a1 begins', 'b1', 'a1 ends', 'a2']);
  });

  it('go on after a failure, and are refused when too many wait', async () => {
    const turns = new Turns(2);
    const failing = turns.run('a', () => Promise.reject(new Error('on purpose')));
    const waiting = turns.run('a', () => Promise.resolve('next'));
    await expect(turns.run('a', () => Promise.resolve())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await waiting).toBe('next');
    expect(await turns.run('a', () => Promise.resolve('again'))).toBe('again');
  });
});
