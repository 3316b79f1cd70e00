import { readOptions } from './options';

const TENANT = '018f2b1c-6a3e-4d7b-9c55-0a1b2c3d4e5f';
const HASH = 'a'.repeat(64);

describe('the arguments of verify:audit', () => {
  it('name nothing, a tenant, or a tenant and an end of its chain', () => {
    expect(readOptions([])).toEqual({ json: false });
    expect(readOptions(['--tenant', TENANT.toUpperCase(), '--json'])).toEqual({
      json: true,
      tenantId: TENANT,
    });
    expect(readOptions(['--tenant', TENANT, '--head', `12:${HASH}`])).toEqual({
      json: false,
      tenantId: TENANT,
      expected: { sequence: 12, hash: HASH },
    });
  });

  it.each([
    ['an unknown one', ['--all']],
    ['a tenant that is none', ['--tenant', 'shop']],
    ['an end without a tenant', ['--head', `12:${HASH}`]],
    ['an end that is none', ['--tenant', TENANT, '--head', '12']],
  ])('are refused with %s', (_, args) => {
    expect(() => readOptions(args)).toThrow(/npm run verify:audit/);
  });
});
