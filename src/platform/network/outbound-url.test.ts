import { outboundUrlProblem } from './outbound-url';
import { isPublicAddress } from './public-address';

describe('isPublicAddress', () => {
  it.each([
    ...[
      '127.0.0.1',
      '127.255.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
    ],
    ...['0.0.0.0', '100.64.0.1', '224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.2.1', '240.0.0.1'],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'fd00:ec2::254',
      'ff02::1',
      '2001:db8::1',
      '2002:7f00:1::',
      '2001::1',
    ],
    ...['::ffff:127.0.0.1', '::ffff:169.254.169.254', '64:ff9b::7f00:1', '::127.0.0.1', 'not an address'],
  ])('is none: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '93.184.216.34', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::1'])(
    'is one: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('outboundUrlProblem', () => {
  it.each([
    ['http://example.com/', /https/],
    ['ftp://example.com/', /https/],
    ['file:///etc/passwd', /https/],
    ['https://user:secret@example.com/', /password/],
    ['https://127.0.0.1/', /public/],
    ['https://2130706433/', /public/],
    ['https://0x7f.1/', /public/],
    ['https://[::1]/', /public/],
    ['https://[::ffff:10.0.0.1]/', /public/],
    ['not a url', /URL/],
    [`https://example.com/${'x'.repeat(2_000)}`, /2000/],
  ])('refuses %s', (url, problem) => {
    expect(outboundUrlProblem(url, 'public')).toMatch(problem);
  });

  it('takes https on the public internet, and anything where it may', () => {
    expect(outboundUrlProblem('https://example.com/alerts?token=1', 'public')).toBeNull();
    expect(outboundUrlProblem('http://127.0.0.1:8080/', 'any')).toBeNull();
  });
});
