import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type MeasuredMemory, type MeasuredNetwork } from '../../../test/support/measure-memory';

const architecture = 'conv-recurrent';
const program = path.resolve(__dirname, '../../../dist/test/support/measure-memory.js');
const sequence = { maxLength: 30, numericWidth: 3, cardinalities: [100] };
const events = { numericWidth: 2, cardinalities: [] };

/** Large enough that what a process grows by for other reasons does not matter. */
const networks: Record<string, MeasuredNetwork> = {
  'wide layers over a table': {
    model: { architecture, dense: [1024, 1024] },
    shape: { numericWidth: 200, cardinalities: [] },
    batchSize: 2048,
  },
  'a large table of embeddings': {
    model: { architecture, embeddingDimension: 16, dense: [32] },
    shape: { numericWidth: 2, cardinalities: [600_000] },
    batchSize: 256,
  },
  'an LSTM over long histories': {
    model: { architecture, recurrent: { cell: 'LSTM', units: 128 }, convolution: { filters: 64 } },
    shape: { ...events, sequence },
    batchSize: 512,
  },
  'two plain recurrent networks, with more convolution than recurrence': {
    model: {
      architecture,
      members: 2,
      recurrent: { cell: 'RNN', units: 32 },
      convolution: { filters: 64 },
    },
    shape: { ...events, sequence },
    batchSize: 1024,
  },
};

const describeOnLinux = existsSync('/proc/self/status') ? describe : describe.skip;

describeOnLinux('the memory of a run', () => {
  it.each(Object.entries(networks))('is known before it begins: %s', async (_name, network) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(network)]);
    const { expectedBytes, measuredBytes } = JSON.parse(stdout) as MeasuredMemory;
    expect(measuredBytes).toBeGreaterThan(200 * 2 ** 20);
    expect(measuredBytes).toBeLessThanOrEqual(expectedBytes);
    expect(expectedBytes).toBeLessThan(3 * measuredBytes);
  });
});
