/**
 * A process of its own that trains and judges a network, and says by how many bytes it grew at most, and by how many
 * it was expected to. Started with a `MeasuredNetwork` as JSON.
 */
import { readFileSync } from 'node:fs';
import { Graph, writeModel } from '../../src/engine/onnx';
import { identity } from '../../src/engine/ops';
import { Session } from '../../src/engine/runtime';
import { type ModelConfigInput, modelConfigSchema } from '../../src/learning/architectures/model-config';
import { type InputShape } from '../../src/learning/features/encoded-examples';
import { NetworkProgram } from '../../src/learning/training/network-program';
import { networkMemory } from '../../src/learning/training/network-recipes';
import { encodeTensorFile } from '../../src/learning/training/tensor-file';
import { type LabelledExamples } from '../../src/learning/training/trainable';
import { VALIDATION_BLOCK } from '../../src/learning/training/validate';
import { fullChunk } from './full-chunk';

export interface MeasuredNetwork {
  readonly model: ModelConfigInput;
  readonly shape: InputShape;
  readonly batchSize: number;
}

export interface MeasuredMemory {
  readonly expectedBytes: number;
  readonly measuredBytes: number;
}

const CHUNKS = 3;
const BLOCKS = 3;

/** Resident memory: now, or at its highest. */
function resident(key: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return 1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
}

/** ONNX Runtime itself: part of every process that trains, whatever it trains. */
async function warmUp(): Promise<void> {
  const graph = new Graph();
  graph.output('y', identity(graph.input('x', 'float32', [1])));
  const session = await Session.create(writeModel(graph));
  await session.run({ x: { dtype: 'float32', shape: [1], data: new Float32Array(1) } });
  await session.close();
}

function examples(count: number, { numericWidth, cardinalities, sequence }: InputShape): LabelledExamples {
  const plain = {
    count,
    labels_N: new Float32Array(count).fill(1),
    numeric_NF: new Float32Array(count * numericWidth).fill(0.5),
    categorical_NC: new Int32Array(count * cardinalities.length).fill(1),
  };
  if (!sequence) return plain;
  const events = count * sequence.maxLength;
  return {
    ...plain,
    sequence: {
      numeric_NTS: new Float32Array(events * sequence.numericWidth).fill(0.5),
      categorical_NTK: new Int32Array(events * sequence.cardinalities.length).fill(1),
      lengths_N: new Int32Array(count).fill(sequence.maxLength),
    },
  };
}

async function measure({ model, shape, batchSize }: MeasuredNetwork): Promise<MeasuredMemory> {
  const options = {
    model: modelConfigSchema.parse({ lengthBuckets: 1, ...model, batchSize }),
    shape,
    exampleCount: 10 * batchSize,
    device: 'cpu',
    threads: 1,
  } as const;
  await warmUp();
  const before = resident('VmRSS');
  const program = await NetworkProgram.compile(options);
  const steps = Math.min(program.maxChunkSteps, 4);
  for (let chunk = 0; chunk < CHUNKS; chunk += 1)
    await program.train(
      fullChunk(shape, {
        examples: examples(steps * batchSize, shape),
        steps,
        firstStep: chunk * steps,
        learningRates: new Float32Array(steps).fill(1e-3),
      }),
    );
  for (let block = 0; block < BLOCKS; block += 1) await program.predict(examples(VALIDATION_BLOCK, shape));
  encodeTensorFile({}, [...program.state(), ...program.weights()]);
  const measuredBytes = resident('VmHWM') - before;
  await program.close();
  return { expectedBytes: networkMemory(options, batchSize), measuredBytes };
}

void measure(JSON.parse(process.argv[2] ?? '') as MeasuredNetwork).then((measured) =>
  process.stdout.write(JSON.stringify(measured)),
);
