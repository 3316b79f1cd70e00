import { type EncodedExamples, type ExampleSource, type InputShape } from '../features/encoded-examples';
import { type CheckpointStore } from './contract';
import { type LabelledExamples } from './trainable';

/** A source over arrays in memory, for tests. */
export class MemorySource implements ExampleSource {
  constructor(
    private readonly examples: LabelledExamples,
    readonly shape: InputShape,
  ) {}

  get count(): number {
    return this.examples.count;
  }

  read(indices: Int32Array): Promise<LabelledExamples> {
    const { numericWidth, cardinalities, sequence } = this.shape;
    const all = this.examples;
    const read: LabelledExamples = {
      count: indices.length,
      numeric_NF: rows(
        all.numeric_NF,
        indices,
        numericWidth,
        new Float32Array(indices.length * numericWidth),
      ),
      categorical_NC: rows(
        all.categorical_NC,
        indices,
        cardinalities.length,
        new Int32Array(indices.length * cardinalities.length),
      ),
      labels_N: rows(all.labels_N, indices, 1, new Float32Array(indices.length)),
    };
    if (!sequence || !all.sequence) return Promise.resolve(read);
    const numericRow = sequence.maxLength * sequence.numericWidth;
    const idRow = sequence.maxLength * sequence.cardinalities.length;
    return Promise.resolve({
      ...read,
      sequence: {
        numeric_NTS: rows(
          all.sequence.numeric_NTS,
          indices,
          numericRow,
          new Float32Array(indices.length * numericRow),
        ),
        categorical_NTK: rows(
          all.sequence.categorical_NTK,
          indices,
          idRow,
          new Int32Array(indices.length * idRow),
        ),
        lengths_N: rows(all.sequence.lengths_N, indices, 1, new Int32Array(indices.length)),
      },
    });
  }
}

function rows<A extends Float32Array | Int32Array>(from: A, indices: Int32Array, width: number, into: A): A {
  indices.forEach((row, i) => {
    into.set(from.subarray(row * width, (row + 1) * width), i * width);
  });
  return into;
}

/** Keeps what was saved last, and all that was saved before it. */
export class MemoryCheckpoints implements CheckpointStore {
  readonly saved: Uint8Array[] = [];

  constructor(private readonly first: Uint8Array | null = null) {}

  load(): Promise<Uint8Array | null> {
    return Promise.resolve(this.saved.at(-1) ?? this.first);
  }

  save(bytes: Uint8Array): Promise<void> {
    this.saved.push(bytes);
    return Promise.resolve();
  }
}

/** Examples without columns of a kind have empty arrays of it. */
export function tableExamples(
  columns: readonly (readonly number[])[],
  labels: readonly number[],
): LabelledExamples {
  return {
    count: labels.length,
    numeric_NF: Float32Array.from(labels.flatMap((_, row) => columns.map((column) => column[row] ?? 0))),
    categorical_NC: new Int32Array(0),
    labels_N: Float32Array.from(labels),
  } satisfies EncodedExamples & { labels_N: Float32Array };
}
