import { linearSpec } from '../../../test/support/linear-artifact';
import { Champions, type ChampionsOptions } from './champions';
import { type Servable } from './servable';

const servable = (number: number): Servable => ({
  version: { id: `version ${number}`, number, createdAt: new Date(0) },
  artifact: { tenantId: 'tenant', sha256: `sha ${number}` },
  spec: linearSpec,
  threshold: 0.5,
});

/** Turns of the event loop that suffice for everything that waits for promises alone. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};

describe('Champions', () => {
  let newest: Servable | null;
  const find = jest.fn(() => Promise.resolve(newest));
  const prepare = jest.fn<Promise<void>, [Servable, Servable | null]>();
  const onError = jest.fn();
  const champions = (options: Partial<ChampionsOptions> = {}): Champions =>
    new Champions({ find, prepare, onError, ...options });
  const number = async (of: Champions): Promise<number> =>
    (await of.current('tenant', 'KIND')).version.number;

  beforeEach(() => {
    newest = servable(1);
    find.mockReset().mockImplementation(() => Promise.resolve(newest));
    prepare.mockReset().mockResolvedValue();
    onError.mockReset();
  });

  it('asks once, makes ready, and remembers', async () => {
    const all = champions();
    expect(await Promise.all([number(all), number(all)])).toEqual([1, 1]);
    expect(await number(all)).toBe(1);
    expect(find).toHaveBeenCalledTimes(1);
    expect(prepare).toHaveBeenCalledTimes(1);
    expect(prepare).toHaveBeenCalledWith(newest, null);
  });

  it('says MODEL_NOT_READY while nothing is promoted, and notices the first promotion at once', async () => {
    const all = champions();
    newest = null;
    await expect(number(all)).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    newest = servable(1);
    expect(await number(all)).toBe(1);
  });

  it('lets the old one serve until the new one is ready', async () => {
    const all = champions();
    await number(all);
    let ready!: () => void;
    prepare.mockReturnValueOnce(new Promise((resolve) => (ready = resolve)));
    newest = servable(2);
    all.announce('tenant', 'KIND');
    await settle();
    expect(await number(all)).toBe(1);
    ready();
    await settle();
    expect(await number(all)).toBe(2);
    expect(prepare).toHaveBeenLastCalledWith(servable(2), servable(1));
  });

  it('reads again when something is announced while it reads', async () => {
    const all = champions();
    await number(all);
    let answer!: (found: Servable) => void;
    find.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    all.announce('tenant', 'KIND');
    newest = servable(3);
    all.announce('tenant', 'KIND');
    answer(servable(2));
    await settle();
    expect(await number(all)).toBe(3);
  });

  it('takes up another threshold without making anything ready', async () => {
    const all = champions();
    await number(all);
    newest = { ...servable(1), threshold: 0.9 };
    all.announce('tenant', 'KIND');
    await settle();
    expect((await all.current('tenant', 'KIND')).threshold).toBe(0.9);
    expect(prepare).toHaveBeenCalledTimes(1);
  });

  it('serves on with the old one when the new one cannot be made ready, and tries again later', async () => {
    const all = champions({ freshMs: 0 });
    await number(all);
    prepare.mockRejectedValueOnce(new Error('damaged'));
    newest = servable(2);
    all.announce('tenant', 'KIND');
    await settle();
    expect(onError).toHaveBeenCalledWith(new Error('damaged'), 'tenant', 'KIND');
    expect(await number(all)).toBe(1);
    await settle();
    expect(await number(all)).toBe(2);
  });

  it('serves on while the database cannot be reached', async () => {
    const all = champions({ freshMs: 0, trustMs: 0 });
    await number(all);
    find.mockRejectedValue(new Error('connection refused'));
    await settle();
    expect(await number(all)).toBe(1);
    expect(onError).toHaveBeenCalled();
  });

  it('passes on why the first lookup failed', async () => {
    find.mockRejectedValueOnce(new Error('connection refused'));
    const all = champions();
    await expect(number(all)).rejects.toThrow('connection refused');
    expect(await number(all)).toBe(1);
  });

  it('notices a promotion that was never announced: behind the answer, or before it after a long time', async () => {
    const soon = champions({ freshMs: 0 });
    const late = champions({ freshMs: 0, trustMs: 0 });
    await Promise.all([number(soon), number(late)]);
    newest = servable(2);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await number(late)).toBe(2);
    expect(await number(soon)).toBe(1);
    await settle();
    expect(await number(soon)).toBe(2);
  });

  it('reads everything again once announcements may have been missed', async () => {
    const all = champions();
    await number(all);
    newest = servable(2);
    all.distrust();
    expect(await number(all)).toBe(2);
  });

  describe('with a challenger', () => {
    const tried = (version: number, trialId = 'trial'): Servable => ({
      ...servable(1),
      challenger: { ...{ id: 'one', trialId, mode: 'CANARY', share: 0.5 }, servable: servable(version) },
    });
    const challenger = async (of: Champions) => (await of.current('tenant', 'KIND')).challenger;

    it('makes it ready where the champion is, and lets it answer only then', async () => {
      const all = champions();
      await number(all);
      let ready!: () => void;
      prepare.mockReturnValueOnce(new Promise((resolve) => (ready = resolve)));
      newest = tried(2);
      all.announce('tenant', 'KIND');
      await settle();
      expect(await challenger(all)).toBeUndefined();
      expect(prepare).toHaveBeenLastCalledWith(servable(2), tried(2));
      ready();
      await settle();
      expect((await challenger(all))?.servable.version.number).toBe(2);
    });

    it('takes up another trial of it without making it ready again', async () => {
      newest = tried(2);
      const all = champions();
      await number(all);
      newest = tried(2, 'next');
      all.announce('tenant', 'KIND');
      await settle();
      expect((await challenger(all))?.trialId).toBe('next');
      expect(prepare).toHaveBeenCalledTimes(2);
    });

    it('leaves it out when it cannot be made ready, and tries again later', async () => {
      newest = tried(2);
      prepare.mockResolvedValueOnce().mockRejectedValueOnce(new Error('damaged'));
      const all = champions({ freshMs: 0 });
      expect(await challenger(all)).toBeNull();
      expect(onError).toHaveBeenCalledWith(new Error('damaged'), 'tenant', 'KIND');
      await new Promise((resolve) => setTimeout(resolve, 1));
      await number(all);
      await settle();
      expect((await challenger(all))?.servable.version.number).toBe(2);
    });
  });

  it('makes a champion ready on its announcement, before the first request', async () => {
    const all = champions();
    all.announce('tenant', 'KIND');
    await settle();
    expect(prepare).toHaveBeenCalledTimes(1);
    expect(await number(all)).toBe(1);
    expect(find).toHaveBeenCalledTimes(1);
  });
});
