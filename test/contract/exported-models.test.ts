import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Graph, type GraphFile, readModel, type Value, writeModel } from '../../src/engine/onnx';
import {
  addPositions,
  allParameters,
  attentionPooling,
  constantScope,
  conv1d,
  crossNetwork,
  dense,
  dropout,
  embedding,
  embeddingBag,
  ensembleDense,
  gelu,
  layerNorm,
  maskSequence,
  maxOverTime,
  meanOverTime,
  piecewiseLinear,
  Random,
  recurrent,
  type Scope,
  silu,
  takeCensus,
  targetAttention,
  transformerBlock,
} from '../../src/engine/nn';
import { foldConstants } from '../../src/engine/runtime';
import { modelConfigSchema } from '../../src/learning/architectures/model-config';
import { compoundMap } from '../support/compound-map';
import { type ExportedPreset, exportPreset, exportPresets, PRESET_NAMES } from '../support/exported-presets';

/** The dimensions of what layers take: T steps, N examples, E wide. */
interface LayerInputs {
  readonly x_NE: Value;
  readonly x_TNE: Value;
  readonly lengths_N: Value;
  /** [N,3] */
  readonly ids: Value;
}
const [T, E] = [5, 4];

/** One model for each family of layers, with the fused operators that it must be exported with. */
const families: Record<string, { build: (scope: Scope, inputs: LayerInputs) => Value; fused?: string[] }> = {
  dense: { build: (scope, { x_NE }) => gelu(dense(scope, x_NE, { units: 3 })), fused: ['Gemm'] },
  'dense over a sequence': { build: (scope, { x_TNE }) => silu(dense(scope, x_TNE, { units: 3 })) },
  embedding: { build: (scope, { ids }) => embedding(scope, ids, { count: 7, width: 2 }) },
  'bag of embeddings': { build: (scope, { ids }) => embeddingBag(scope, ids, { count: 7, width: 2 }) },
  convolution: {
    build: (scope, { x_TNE, lengths_N }) =>
      conv1d(scope, maskSequence(x_TNE, lengths_N), { filters: 3, width: 2, dilation: 2, padding: 'causal' }),
  },
  'pooling over time': {
    build: (scope, { x_TNE, lengths_N }) =>
      dense(scope.in('mean'), meanOverTime(maskSequence(x_TNE, lengths_N), lengths_N), { units: 1 }),
  },
  'maximum over time': { build: (_scope, { x_TNE, lengths_N }) => maxOverTime(x_TNE, lengths_N) },
  ...Object.fromEntries(
    (['rnn', 'gru', 'lstm'] as const).flatMap((cell) =>
      [false, true].map((bidirectional) => [
        `${cell}${bidirectional ? ', both ways' : ''}`,
        {
          build: (scope: Scope, { x_TNE, lengths_N }: LayerInputs) =>
            recurrent(scope, x_TNE, lengths_N, { cell, units: 3, bidirectional }).last,
          fused: [cell.toUpperCase()],
        },
      ]),
    ),
  ),
  'transformer block': {
    build: (scope, { x_TNE, lengths_N }) =>
      transformerBlock(scope.in('block'), addPositions(scope.in('positions'), x_TNE), lengths_N, {
        heads: 2,
        hidden: 6,
        dropout: 0.1,
      }),
    fused: ['LayerNormalization', 'Softmax', 'Erf'],
  },
  'attention pooling': {
    build: (scope, { x_TNE, lengths_N }) => attentionPooling(scope, x_TNE, lengths_N, { units: 3 }),
  },
  'target attention': {
    build: (scope, { x_TNE, lengths_N, x_NE }) =>
      targetAttention(scope, { x_TBE: x_TNE, lengths_B: lengths_N }, x_NE, { units: 3 }),
  },
  normalization: { build: (scope, { x_NE }) => layerNorm(scope, x_NE), fused: ['LayerNormalization'] },
  dropout: { build: (scope, { x_NE }) => dense(scope.in('out'), dropout(scope, x_NE, 0.5), { units: 1 }) },
  'feature crosses': { build: (scope, { x_NE }) => crossNetwork(scope, x_NE, { layers: 2 }) },
  'piecewise-linear encoding': {
    build: (_scope, { x_NE }) =>
      piecewiseLinear(x_NE, [
        [-1, 0, 1],
        [0, 1, 2],
        [0, 5, 6],
        [1, 2, 3],
      ]),
  },
  'ensemble of dense layers': {
    build: (scope, { x_NE }) => ensembleDense(scope, x_NE, { members: 2, units: 3 }),
  },
};

function declare(graph: Graph): LayerInputs {
  return {
    x_NE: graph.input('x', 'float32', ['N', E]),
    x_TNE: graph.input('sequence', 'float32', [T, 'N', E]),
    lengths_N: graph.input('lengths', 'int32', ['N']),
    ids: graph.input('ids', 'int32', ['N', 3]),
  };
}

/** As the learning layer exports: weights as constants, what follows from them alone computed. */
async function exported(build: (scope: Scope, inputs: LayerInputs) => Value): Promise<Uint8Array> {
  const census = takeCensus(false, (scope, graph) => build(scope, declare(graph)));
  const weights = new Map(
    allParameters(census).map(({ name, shape, initializer }, index) => [
      name,
      { dtype: 'float32' as const, shape, data: initializer(shape, new Random(1, index)) },
    ]),
  );
  const graph = new Graph();
  graph.output('y', build(constantScope(graph, weights), declare(graph)));
  await foldConstants(graph);
  return writeModel(graph);
}

const opTypes = ({ nodes }: GraphFile): string[] => nodes.map(({ opType }) => opType);

/** Nodes that could have been computed when the file was made. */
function constantNodes({ nodes, initializers }: GraphFile): string[] {
  const known = new Set(initializers.map(({ name }) => name));
  return nodes
    .filter(({ inputs }) => inputs.every((name) => name === '' || known.has(name)))
    .map(({ opType, inputs }) => `${opType}(${inputs.join(', ')})`);
}

/** The system's own Python comes first: that is where Debian's package lands. */
const python = ['/usr/bin/python3', 'python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import onnx']).status === 0,
);
/** Prints a line for each file that is no valid model, with full shape inference. */
const CHECK = `
import glob, onnx, sys
for file in sorted(glob.glob(sys.argv[1] + '/*.onnx')):
    try:
        onnx.checker.check_model(onnx.load(file), full_check=True)
    except Exception as error:
        print(file, error)
`;

describe('what is exported', () => {
  let presets: ExportedPreset[];
  const models = new Map<string, Uint8Array>();

  beforeAll(async () => {
    presets = await exportPresets();
    for (const { name, artifact } of presets) models.set(name, artifact);
    for (const [name, { build }] of Object.entries(families)) models.set(name, await exported(build));
    for (const architecture of ['conv-recurrent', 'transformer', 'bag', 'linear'] as const) {
      const model = modelConfigSchema.parse({ architecture });
      const name = `compound features, ${architecture}`;
      const { artifact, program } = await exportPreset(name, model, compoundMap);
      models.set(name, artifact);
      await program.close();
    }
  });

  afterAll(async () => {
    for (const { program } of presets) await program.close();
  });

  it('covers every domain', () => {
    expect(presets.map(({ name }) => name)).toEqual(PRESET_NAMES);
    expect(PRESET_NAMES.length).toBeGreaterThanOrEqual(6);
  });

  it('holds no op that depends on constants alone', () => {
    for (const [name, model] of models)
      expect({ name, constant: constantNodes(readModel(model).graph) }).toEqual({ name, constant: [] });
  });

  it('has the fused operators', () => {
    for (const [name, { fused = [] }] of Object.entries(families))
      expect({ name, ops: opTypes(readModel(models.get(name)!).graph) }).toEqual({
        name,
        ops: expect.arrayContaining(fused) as string[],
      });
    for (const { name, model, artifact } of presets) {
      const cells = opTypes(readModel(artifact).graph).filter((opType) =>
        ['LSTM', 'GRU', 'RNN'].includes(opType),
      );
      expect({ name, cells }).toEqual({
        name,
        cells: Array<string>('members' in model ? model.members : 0).fill(
          model.architecture === 'conv-recurrent' ? model.recurrent.cell : 'none',
        ),
      });
    }
  });

  it('holds every weight once', () => {
    for (const { name, weights, featureMap, artifact } of presets) {
      const { graph, metadata } = readModel(artifact);
      const ofWeights = [...weights.values()].reduce((total, { data }) => total + data.byteLength, 0);
      const held = graph.initializers.reduce((total, { bytes }) => total + bytes, 0);
      // Two biases for each gate, where one is zero, bounds, and axes.
      expect({ name, surplus: held - ofWeights < 0.05 * ofWeights + 4096 }).toEqual({ name, surplus: true });
      const words = 4 * JSON.stringify(featureMap).length + JSON.stringify(metadata).length;
      expect(artifact.length).toBeLessThan(held + words + 256 * graph.nodes.length);
    }
  });

  (python ? it : it.skip)("passes ONNX's own checker with full shape inference (python3-onnx)", () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'exported-'));
    for (const [name, model] of models)
      writeFileSync(path.join(folder, `${name.replaceAll(/\W+/g, '-')}.onnx`), model);
    const { stdout, stderr, status } = spawnSync(python ?? '', ['-c', CHECK, folder], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
  });
});
