import { applyOne, NUMBERS, OpCall, type OpDefinition, sizeOf, type Value } from '../onnx';
import { cast } from './cast';
import { gather } from './gather';
import { reshape } from './reshape';
import { split } from './split';

/**
 * y = x with rows added in: y[index[m]] += updates[m], for as many m as point there.
 * dx = dy, dupdates[m] = dy[index[m]].
 * Or with rows replaced: y[index[m]] = updates[m]; then not differentiable.
 */
export const ScatterND: OpDefinition = {
  opType: 'ScatterND',
  sinceVersion: 16,
  inferTypes(call) {
    call.expectType([0, 2], NUMBERS);
    const [x, indices, updates] = [call.input(0), call.input(1), call.input(2)];
    if (x.rank === 0) call.fail('x needs an axis');
    if (indices.rank !== 2 || indices.dim(1) !== 1 || indices.dtype !== 'int64')
      call.fail('indices must be int64 [M,1]');
    if ([indices.dim(0), ...x.shape.slice(1)].join() !== updates.shape.join())
      call.fail('updates must be one row of x per index');
    return [x.type];
  },
  gradient(node, [dy]) {
    if (!dy) return [null, null, null];
    if (!node.attributes['reduction']) node.fail('replacing rows has no gradient');
    return [dy, null, gather(dy, reshape(node.input(1), [-1]))];
  },
  samples: [
    {
      name: 'two rows into one',
      inputs: [{ shape: [3, 2] }, { shape: [3, 1], dtype: 'int64', values: [2, 0, 2] }, { shape: [3, 2] }],
      build: (x, indices, updates) => scatterNdAdd(x, indices, updates),
    },
    {
      name: 'one number into a vector',
      inputs: [{ shape: [3] }, { shape: [1, 1], dtype: 'int64', values: [1] }, { shape: [1] }],
      build: (x, indices, updates) => scatterNdAdd(x, indices, updates),
    },
    {
      name: 'blocks, all into one',
      inputs: [
        { shape: [2, 1, 3] },
        { shape: [3, 1], dtype: 'int64', values: [1, 1, 1] },
        { shape: [3, 1, 3] },
      ],
      build: (x, indices, updates) => scatterNdAdd(x, indices, updates),
    },
    {
      name: 'two rows replaced',
      inputs: [
        { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] },
        { shape: [2, 1], dtype: 'int64', values: [2, 0] },
        { shape: [2, 2], values: [7, 8, 9, 10] },
      ],
      build: (x, indices, updates) => scatterNd(x, indices, updates),
      expected: [[9, 10, 3, 4, 7, 8]],
    },
  ],
};

/**
 * ONNX Runtime spreads a scatter worth more than about 2·10⁵ additions over its threads, which then add to the
 * same row at once and lose updates (seen with 1.30: a quarter of them, where rows repeat much). Below that it
 * runs in one thread, in order: so larger scatters are done piece by piece.
 */
const LARGEST_IN_ONE_THREAD = 150_000;

/** @param indices [M, 1], int64 or int32. @param updates [M, …rows of x]. */
export function scatterNdAdd(x: Value, indices: Value, updates: Value): Value {
  const index = indices.dtype === 'int32' ? cast(indices, 'int64') : indices;
  // The whole call is checked, so that what does not fit is named as it was given, not as a piece of it.
  new OpCall(ScatterND, [x, index, updates]).outputTypes();
  const count = updates.size(0);
  const piece = Math.max(1, Math.floor(LARGEST_IN_ONE_THREAD / sizeOf(updates.staticShape().slice(1))));
  const sizes = Array.from({ length: Math.ceil(count / piece) }, (_, at) =>
    Math.min(piece, count - at * piece),
  );
  const indexPieces = split(index, { axis: 0, sizes });
  return split(updates, { axis: 0, sizes }).reduce(
    (y, rows, at) =>
      applyOne(ScatterND, [y, indexPieces[at] ?? null, rows], { reduction: { string: 'add' } }),
    x,
  );
}

/** x with rows replaced. @param indices [M, 1] integers, each at most once. @param updates [M, …rows of x]. */
export function scatterNd(x: Value, indices: Value, updates: Value): Value {
  return applyOne(ScatterND, [x, cast(indices, 'int64'), updates]);
}
