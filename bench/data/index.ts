import { type Suite } from '../suite';
import { type DataResult, measure } from './measure';
import { help, options, readOptions } from './options';

/** How fast a file becomes encoded batches, beside a query of DuckDB's that reads it and does not encode. */
export const suite: Suite<{ readonly results: readonly DataResult[] }> = {
  title: 'from generated events to encoded batches, beside the bare DuckDB query for the same columns',
  options,
  help,
  async run(values, progress) {
    const options = readOptions(values);
    const results: DataResult[] = [];
    for (const events of options.events) results.push(await measure(events, options, progress));
    return { results };
  },
  table({ results }) {
    const header = ['events', 'examples', 'examples/s', 's', 'DuckDB s', 'ratio', 'peak MB'];
    const rows = results.map((result) => [
      result.events,
      result.examples,
      Math.round(result.examples / result.seconds),
      result.seconds,
      result.duckdbSeconds,
      result.ratio,
      result.peakMemoryMb,
    ]);
    return [header, ...rows].map((row) => row.map((cell) => String(cell).padStart(11)).join('')).join('\n');
  },
};
