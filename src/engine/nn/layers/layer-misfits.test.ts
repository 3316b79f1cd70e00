import { type LayerCase } from '../../../../test/support/layers';
import { GraphError, type Value } from '../../onnx';
import { type Scope } from '../scope';
import { takeCensus } from '../supplies';
import { attentionPooling, selfAttention, targetAttention } from './attention';
import { sequenceBatchNorm } from './batch-norm';
import { conv1d } from './conv1d';
import { dense } from './dense';
import { dropout } from './dropout';
import { embedding } from './embedding';
import { lastStep, maskSequence, maxOverTime, meanOverTime } from './sequence';
import { ensembleDense } from './tabular';

type SequenceLayer = (scope: Scope, x: Value, lengths: Value) => Value;

describe('what does not fit is refused when the graph is built, by name and shape', () => {
  const refused = (inputs: LayerCase['inputs'], build: LayerCase['build'], message: string): void => {
    const census = (): unknown =>
      takeCensus(true, (scope, graph) =>
        build(
          scope,
          ...inputs.map(({ shape, dtype = 'float' }, index) =>
            graph.input(`x${index}`, dtype === 'float' ? 'float32' : dtype, shape),
          ),
        ),
      );
    expect(census).toThrow(GraphError);
    expect(census).toThrow(message);
  };
  const x = { shape: [3, 4, 2] };
  const n = { shape: [4], dtype: 'int32' } as const;

  test.each<[string, SequenceLayer]>([
    ['maskSequence', (_scope, v, l) => maskSequence(v, l)],
    ['meanOverTime', (_scope, v, l) => meanOverTime(v, l)],
    ['maxOverTime', (_scope, v, l) => maxOverTime(v, l)],
    ['lastStep', (_scope, v, l) => lastStep(v, l)],
    ['selfAttention', (scope, v, l) => selfAttention(scope, v, l, { heads: 1 })],
    ['attentionPooling', (scope, v, l) => attentionPooling(scope, v, l, { units: 1 })],
    ['sequenceBatchNorm', (scope, v, l) => sequenceBatchNorm(scope, v, l)],
    ['targetAttention', (scope, v, l) => targetAttention(scope, { x_TBE: v, lengths_B: l }, v, { units: 1 })],
  ])('%s with what is no sequence', (name, layer) => {
    const build: LayerCase['build'] = (scope, v, l) => layer(scope, v, l);
    const message = 'x must be [T,B,E] and the lengths int32 [B]';
    refused([x, { ...n, shape: [1] }], build, `${name}(x0 float32[3,4,2], x1 int32[1]): ${message}`);
    refused([x, { ...n, dtype: 'int64' }], build, `${name}(x0 float32[3,4,2], x1 int64[4]): ${message}`);
    refused([{ shape: [3, 4] }, n], build, `${name}(x0 float32[3,4], x1 int32[4]): ${message}`);
  });

  test('options that mean nothing', () => {
    refused(
      [x, n],
      (scope, v, l) => selfAttention(scope, v, l, { heads: 3 }),
      '3 heads do not share 2 units',
    );
    refused([x], (scope, v) => conv1d(scope, v, { filters: 1, width: 0 }), 'conv1d(x0 float32[3,4,2]): ');
    refused([x], (scope, v) => conv1d(scope, v, { filters: 1, width: 2, dilation: 0.5 }), 'dilation (0.5)');
    refused(
      [{ shape: [3, 4] }],
      (scope, v) => conv1d(scope, v, { filters: 1, width: 2 }),
      'conv1d(x0 float32[3,4]): ',
    );
    for (const rate of [1, -0.1, NaN])
      refused(
        [x],
        (scope, v) => dropout(scope, v, rate),
        `dropout(x0 float32[3,4,2]): the rate is 0 or more`,
      );
    refused(
      [{ shape: [2, 3, 2] }],
      (scope, v) => ensembleDense(scope, v, { members: 2, units: 1 }),
      'ensembleDense(x0 float32[2,3,2]): x must be [B,I] or [B,2,I]',
    );
    refused(
      [x, n, { shape: [1, 2] }],
      (scope, v, l, c) => targetAttention(scope, { x_TBE: v, lengths_B: l }, c, { units: 1 }),
      'targetAttention(x0 float32[3,4,2], x2 float32[1,2]): the candidate must be [B,E]',
    );
    refused(
      [{ shape: [4] }],
      (scope, v) => embedding(scope, v, { count: 2, width: 1 }),
      'indices must be integers',
    );
    for (const units of [0, 0.5, NaN])
      refused(
        [{ shape: [2, 3] }],
        (scope, v) => dense(scope.in('head'), v, { units }),
        `the parameter head.kernel cannot be [3,${units}]`,
      );
  });
});
