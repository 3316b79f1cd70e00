import { readableError } from './storage-errors';

it.each([
  // What DuckDB says where it finds no room to spill, and where it would have to and cannot.
  [
    "Out of Memory Error: failed to offload data block of size 256.0 KiB (21.4 MiB/21.5 MiB used).\nThis limit was set by the 'max_temp_directory_size' setting.",
    'UNAVAILABLE',
  ],
  ['IO Error: Could not write file "/w/duckdb_temp_storage-0.tmp": No space left on device', 'UNAVAILABLE'],
  ['ENOSPC: no space left on device, write', 'UNAVAILABLE'],
  [
    'Out of Memory Error: could not allocate block of size 256.0 KiB (37.9 MiB/38.1 MiB used)',
    'TRAINING_FAILED',
  ],
  ['Invalid Input Error: CSV Error on Line: 7\nOriginal Line: secret', 'INVALID_DATA'],
])('%s is %s, and shows nothing of the data', (message, code) => {
  const readable = readableError(new Error(message));
  expect(readable).toMatchObject({ code });
  expect(String(readable)).not.toMatch(/secret|MiB|setting/);
});

it('what nobody foresaw is left as it is', () => {
  const error = new Error('Binder Error: no such column');
  expect(readableError(error)).toBe(error);
});
