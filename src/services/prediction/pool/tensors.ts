import { type ArtifactTensor } from '../../../learning/export/artifact-inputs';

/** What an artifact takes: one tensor per raw feature, by input name. The first axis of each is the row. */
export type ArtifactInputs = Readonly<Record<string, ArtifactTensor>>;

/** What an artifact answers, by output name: [rows] or [rows · width], row-major. */
export type ArtifactOutputs = Readonly<Record<string, Float32Array>>;

/** One tenant's artifact. Two tenants never share a session, even where their files are the same. */
export interface ArtifactKey {
  readonly tenantId: string;
  readonly sha256: string;
  /** Most rows of it that run together, where that is less than of others: rows that take long must not keep a thread. */
  readonly maxBatchRows?: number;
}

/** Some rows of each tensor, in the order given, as often as given. */
export function selectRows(inputs: ArtifactInputs, rows: readonly number[]): ArtifactInputs {
  const selected = Object.entries(inputs).map(([name, tensor]): [string, ArtifactTensor] => {
    const [, ...tail] = tensor.dims;
    const width = tail.reduce((product, axis) => product * axis, 1);
    const dims = [rows.length, ...tail];
    const places = rows.flatMap((row) => Array.from({ length: width }, (_, at) => row * width + at));
    switch (tensor.type) {
      case 'string':
        return [name, { type: 'string', dims, data: places.map((place) => tensor.data[place] ?? '') }];
      case 'int64':
        return [
          name,
          { type: 'int64', dims, data: BigInt64Array.from(places, (place) => tensor.data[place] ?? 0n) },
        ];
      case 'float32':
        return [
          name,
          { type: 'float32', dims, data: Float32Array.from(places, (place) => tensor.data[place] ?? NaN) },
        ];
    }
  });
  return Object.fromEntries(selected);
}
