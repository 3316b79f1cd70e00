import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  add,
  concat,
  gather,
  gemm,
  labelEncoder,
  loop,
  matMul,
  mul,
  relu,
  reshape,
  sigmoid,
  split,
  transpose,
} from '../ops';
import { Session } from '../runtime';
import { Graph } from './graph';
import { GraphError } from './graph-error';
import { printGraph } from './print-graph';
import { readModel } from './read-model';
import { broadcast, evaluate, product, quotient } from './shape';
import { tensorOf, toNumbers } from './tensor';
import { writeModel } from './write-model';

describe('symbolic dimensions', () => {
  test('multiply and divide', () => {
    expect(product([32, 'N', 4])).toBe('128*N');
    expect(quotient('128*N', 4)).toBe('32*N');
    expect(quotient('128*N', 'N')).toBe(128);
    expect(quotient('N', 2)).toBeNull();
    expect(quotient(12, 5)).toBeNull();
  });

  test('are numbers once their symbols are known', () => {
    const sizes = new Map([
      ['N', 3],
      ['rows of a.table', 5],
    ]);
    expect(evaluate(product(['N', 4, 'rows of a.table', 'N']), sizes)).toBe(180);
    expect(evaluate(7, sizes)).toBe(7);
    expect(evaluate('2*M', sizes)).toBeNull();
  });

  test('broadcast against 1 and themselves only', () => {
    expect(broadcast(['N', 1], ['N', 3])).toEqual(['N', 3]);
    expect(broadcast([3], ['N', 3])).toEqual(['N', 3]);
    expect(broadcast(['N'], [4])).toBeNull();
  });

  test('survive reshapes of a batch of sequences', () => {
    const x = new Graph().input('x', 'float32', [32, 'N', 4]);
    const rows = reshape(x, [-1, 4]);
    expect(rows.shape).toEqual(['32*N', 4]);
    expect(reshape(rows, [32, -1, 4]).shape).toEqual([32, 'N', 4]);
  });
});

describe('a graph', () => {
  test('stores equal constants once and leaves out what no output needs', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const y = add(mul(x, 2), 2);
    sigmoid(y);
    graph.output('y', y);
    const { nodes, initializers } = readModel(writeModel(graph)).graph;
    expect(nodes.map((node) => node.opType)).toEqual(['Mul', 'Add']);
    expect(initializers).toHaveLength(1);
  });

  test('names op, inputs and shapes when they do not fit', () => {
    const graph = new Graph();
    const a = graph.input('a', 'float32', [2, 3]);
    const b = graph.input('b', 'float32', [4, 5]);
    expect(() => matMul(a, b)).toThrow(
      new GraphError('MatMul(a float32[2,3], b float32[4,5]): the inner dimensions 3 and 4 differ'),
    );
    expect(() => add(a, b)).toThrow('Add(a float32[2,3], b float32[4,5]): the shapes do not broadcast');
  });

  test('refuses values of a graph that is not around it', () => {
    const a = new Graph().input('a', 'float32', [1]);
    const b = new Graph().input('b', 'float32', [1]);
    expect(() => add(a, b)).toThrow('not visible here');
  });

  test('prints as text', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', ['N', 2]);
    const kernel = graph.initializer('kernel', tensorOf('float32', [2, 3], [1, 2, 3, 4, 5, 6]));
    graph.output('y', relu(gemm(x, kernel)));
    expect(printGraph(graph)).toBe(
      [
        'inputs x: float32[N,2]',
        '%2: float32[N,3] = Gemm(x, kernel) {transA=0, transB=0}',
        'y: float32[N,3] = Relu(%2)',
        'outputs y',
        '',
      ].join('\n'),
    );
  });
});

describe('a loop', () => {
  function powers(): Graph {
    const graph = new Graph();
    const x = graph.input('x', 'float32', []);
    const { state, reports } = loop(graph.input('times', 'int64', []), [x], ({ state: [y] }) => {
      const doubled = mul(y!, mul(x, 2));
      return { state: [doubled], reports: [doubled] };
    });
    graph.output('last', state[0]!);
    graph.output('all', reports[0]!);
    return graph;
  }

  test('carries state, stacks reports, and keeps what does not change outside', async () => {
    const graph = powers();
    expect(graph.nodes.map((node) => node.op.opType)).toEqual(['Mul', 'Loop']);
    const session = await Session.create(writeModel(graph));
    const { last, all } = await session.run({
      x: tensorOf('float32', [], [1.5]),
      times: tensorOf('int64', [], [3]),
    });
    expect(toNumbers(all!)).toEqual([4.5, 13.5, 40.5]);
    expect(toNumbers(last!)).toEqual([40.5]);
  });

  test('can be read back from the file', () => {
    const model = readModel(writeModel(powers(), { author: 'test' }));
    expect(model.metadata).toEqual({ author: 'test' });
    expect(model.opsets).toEqual({ '': 17, 'ai.onnx.ml': 3 });
    const body = model.graph.nodes.find((node) => node.opType === 'Loop')?.attributes['body'];
    expect(body).toMatchObject({
      nodes: [{ opType: 'Mul' }, { opType: 'Identity' }, { opType: 'Identity' }],
    });
  });
});

test('a vocabulary of strings becomes numbers', async () => {
  const graph = new Graph();
  const city = graph.input('city', 'string', ['N', 1]);
  graph.output(
    'id',
    labelEncoder(
      city,
      new Map([
        ['Oslo', 2],
        ['Łódź', 3],
      ]),
      1,
    ),
  );
  const session = await Session.create(writeModel(graph));
  const { id } = await session.run({
    city: { dtype: 'string', shape: [3, 1], data: ['Łódź', 'Rome', 'Oslo'] },
  });
  expect(id).toEqual({ dtype: 'int64', shape: [3, 1], data: BigInt64Array.of(3n, 1n, 2n) });
});

/** The system's own Python comes first: that is where Debian's package lands. */
const python = ['/usr/bin/python3', 'python3'].find(
  (candidate) => spawnSync(candidate, ['-c', 'import onnx']).status === 0,
);

/** Debian's python3-onnx. */
(python ? describe : describe.skip)("ONNX's own checker (python3-onnx)", () => {
  test('accepts a model with full shape inference', () => {
    const graph = new Graph();
    const ids = graph.input('ids', 'int32', ['N', 4]);
    const table = graph.initializer('table', tensorOf('float32', [5, 2], new Array<number>(10).fill(0.5)));
    const x = gather(table, transpose(ids, [1, 0]));
    const [left, right] = split(x, { axis: 2, sizes: [1, 1] });
    graph.output('y', reshape(concat([left!, right!], 2), [-1, 2]));
    const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
    const file = join(folder, 'model.onnx');
    writeFileSync(file, writeModel(graph));
    const check = `import onnx; onnx.checker.check_model(onnx.load(${JSON.stringify(file)}), full_check=True)`;
    const { status, stderr } = spawnSync(python ?? 'python3', ['-c', check], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
