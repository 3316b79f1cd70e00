import { UsageError } from '../../bench/suite';
import { readOptions } from './options';

test('everything has a default', () => {
  expect(readOptions([])).toEqual({ check: { device: 'auto', json: false, quick: false, seconds: 10 } });
});

test('options are read', () => {
  expect(readOptions(['--device', 'cuda', '--json', '--quick', '--seconds', '0.5'])).toEqual({
    check: { device: 'cuda', json: true, quick: true, seconds: 0.5 },
  });
  expect(readOptions(['--pack', 'check.tar.gz'])).toEqual({ pack: 'check.tar.gz' });
});

test.each([
  [['--device', 'tpu'], '--device must be one of auto, cpu, webgpu, cuda, not tpu'],
  [['--seconds', 'many'], '--seconds must be a number above 0, not many'],
  [['--pack', 'check.zip'], '--pack takes the name of a file that ends in .tar.gz'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(UsageError);
  expect(() => readOptions(args)).toThrow(message);
});
