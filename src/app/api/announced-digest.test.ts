import { createHash } from 'node:crypto';
import { announcedDigest } from './announced-digest';

const hex = createHash('sha256').update('rows').digest('hex');
const base64 = Buffer.from(hex, 'hex').toString('base64');

describe('announcedDigest', () => {
  it.each([
    ['none', {}, null],
    ['hexadecimal', { 'x-content-sha256': hex.toUpperCase() }, hex],
    ['RFC 9530', { 'content-digest': `sha-512=:AA==:, sha-256=:${base64}:` }, hex],
    ['RFC 3230', { digest: `SHA-256=${base64}` }, hex],
    ['of another algorithm', { digest: 'md5=AA==' }, null],
  ])('reads a digest: %s', (_name, headers, expected) => {
    expect(announcedDigest(headers)).toBe(expected);
  });

  it.each([
    ['too short', { 'x-content-sha256': 'ab' }],
    ['no base64', { 'content-digest': 'sha-256=:!:' }],
    ['of 16 bytes', { digest: 'sha-256=AAAAAAAAAAAAAAAAAAAAAA==' }],
  ])('refuses one that is malformed: %s', (_name, headers) => {
    expect(() => announcedDigest(headers)).toThrow(/SHA-256/);
  });
});
