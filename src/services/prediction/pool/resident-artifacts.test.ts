import { ResidentArtifacts } from './resident-artifacts';

describe('ResidentArtifacts', () => {
  it('lets the least recently used go when room is needed, and only as many as that takes', () => {
    const resident = new ResidentArtifacts(10);
    expect(resident.admit('a', 4)).toEqual([]);
    expect(resident.admit('b', 4)).toEqual([]);
    resident.touch('a');
    expect(resident.admit('c', 4)).toEqual(['b']);
    expect(resident.has('a')).toBe(true);
    expect(resident.has('b')).toBe(false);
    expect(resident.bytes).toBe(8);
  });

  it('admits what is larger than the bound, alone', () => {
    const resident = new ResidentArtifacts(10);
    resident.admit('a', 4);
    resident.admit('b', 4);
    expect(resident.admit('huge', 50)).toEqual(['a', 'b']);
    expect(resident.count).toBe(1);
    expect(resident.admit('c', 4)).toEqual(['huge']);
    expect(resident.bytes).toBe(4);
  });

  it('charges an artifact that is admitted again once', () => {
    const resident = new ResidentArtifacts(10);
    resident.admit('a', 4);
    resident.admit('a', 6);
    expect(resident.bytes).toBe(6);
    resident.remove('a');
    resident.remove('a');
    expect(resident.bytes).toBe(0);
  });
});
