import { type Batch } from './job';
import { type ThreadReply } from './messages';
import { type ArtifactOutputs } from './tensors';

type Done = Extract<ThreadReply, { type: 'done' }>;

/** A session's results as one message: every output in turn. Outputs that are not float32 are left out. */
export function packOutputs(
  results: Readonly<Record<string, { readonly data: unknown }>>,
  rows: number,
): Pick<Done, 'outputs' | 'values' | 'widths'> {
  const found = Object.entries(results).flatMap(([name, { data }]) =>
    data instanceof Float32Array ? [{ name, data }] : [],
  );
  const values = new Float32Array(found.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of found) {
    values.set(data, at);
    at += data.length;
  }
  return {
    outputs: found.map(({ name }) => name),
    widths: found.map(({ data }) => data.length / rows),
    values,
  };
}

/** Hands every job of a batch its rows; rows beyond the batch's are nobody's. */
export function splitOutputs({ outputs, widths, values }: Done, { jobs }: Batch): void {
  const rows = values.length / widths.reduce((sum, width) => sum + width, 0);
  let row = 0;
  for (const job of jobs) {
    const own: Record<string, Float32Array> = {};
    let start = 0;
    for (const [index, name] of outputs.entries()) {
      const width = widths[index] ?? 0;
      own[name] = values.subarray(start + row * width, start + (row + job.rows) * width);
      start += rows * width;
    }
    row += job.rows;
    job.succeed(own);
  }
}

/** The parts of one request, in order, as one answer. */
export function joinOutputs(parts: readonly ArtifactOutputs[]): ArtifactOutputs {
  const [first = {}] = parts;
  if (parts.length <= 1) return first;
  return Object.fromEntries(
    Object.keys(first).map((name) => {
      const arrays = parts.map((part) => part[name] ?? new Float32Array());
      const joined = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const array of arrays) {
        joined.set(array, at);
        at += array.length;
      }
      return [name, joined];
    }),
  );
}
