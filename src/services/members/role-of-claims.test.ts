import { roleOfClaims } from './role-of-claims';

const roleMapping = [
  { value: 'admin', role: 'TENANT_ADMIN' },
  { value: 'all', role: 'ANALYST' },
] as const;
const roleOf = (claims: Record<string, unknown>, roleClaim: string | null = 'groups') =>
  roleOfClaims(claims, { roleClaim, roleMapping });

describe('roleOfClaims', () => {
  it.each<[string, Record<string, unknown>, string | null, string | null]>([
    ['a list', { groups: ['x', 'all'] }, 'groups', 'ANALYST'],
    ['one text', { groups: 'admin' }, 'groups', 'TENANT_ADMIN'],
    ['the first mapping of several', { groups: ['all', 'admin'] }, 'groups', 'TENANT_ADMIN'],
    ['a name with dots', { 'https://example.com/roles': ['all'] }, 'https://example.com/roles', 'ANALYST'],
    ['a nested claim', { realm: { roles: ['all'] } }, 'realm.roles', 'ANALYST'],
    ['a name with dots before a nested claim', { 'a.b': 'admin', a: { b: 'all' } }, 'a.b', 'TENANT_ADMIN'],
    ['no claim that gives roles', { groups: ['admin'] }, null, null],
    ['an absent claim', {}, 'groups', null],
    ['values that are like it', { groups: ['Admin', 'admin ', ['admin']] }, 'groups', null],
    ['a text that holds it', { groups: 'admin,all' }, 'groups', null],
    ['an object', { groups: { admin: true } }, 'groups', null],
    ['what every object has', {}, 'constructor.name', null],
    ['what every text has', { groups: 'admin' }, 'groups.length', null],
  ])('of %s', (_, claims, roleClaim, role) => {
    expect(roleOf(claims, roleClaim)).toBe(role);
  });
});
