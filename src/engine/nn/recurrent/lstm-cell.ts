import { type Value } from '../../onnx';
import { add, concat, gemm, lstm, mul, sigmoid, split, sub, tanh } from '../../ops';
import { type Cell } from './cell';
import { type GateBlock, gateBlocks, pullBack } from './products';

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; with forget gate, Gers et al. 2000):
 *   s = [i o f] = σ(…),  g = tanh(…),  c' = f·c + i·g,  h' = o·tanh c'
 * Backward, written so that the forward pass's products are used again:
 *   e = dh'·(o − h'·tanh c') + dc'
 *   ds = [e·(i·g), dh'·h', e·(f·c)]·(1 − s),  dg = e·(i − (i·g)·g),  dc = e·f
 * The forget gate's bias begins at 1, so that a fresh network remembers (Jozefowicz et al. 2015).
 */
export const lstmCell: Cell = {
  states: 2,
  biases: [0, 0, 1, 0],
  recurrentBias: false,
  fused: lstm,
  prepare(parameters) {
    const blocks = gateBlocks(parameters, [3, 1]) as [GateBlock, GateBlock];
    const [gate, candidate] = blocks;
    return {
      products: blocks,
      step(x, state) {
        const [h, c] = state as [Value, Value];
        const hidden = h.size(1);
        const input = concat([x, h], 1);
        const s = sigmoid(gemm(input, gate.kernel, { c: gate.bias }));
        const g = tanh(gemm(input, candidate.kernel, { c: candidate.bias }));
        const [i, o, f] = split(s, { axis: 1, sizes: [hidden, hidden, hidden] }) as [Value, Value, Value];
        const written = mul(i, g);
        const kept = mul(f, c);
        const cell = add(kept, written);
        const squashed = tanh(cell);
        const next = mul(o, squashed);
        return {
          state: [next, cell],
          backward([dh, dcLater], dAbove) {
            const dHidden = dh as Value;
            const dThrough = mul(dHidden, sub(o, mul(next, squashed)));
            const dCell = dcLater ? add(dThrough, dcLater) : dThrough;
            const ds = mul(concat([mul(dCell, written), mul(dHidden, next), mul(dCell, kept)], 1), sub(1, s));
            const dg = mul(dCell, sub(i, mul(written, g)));
            const back = (side: 'fromInput' | 'fromState', start: Value | null): Value =>
              pullBack(
                [
                  { dOutput: ds, kernel: gate[side] },
                  { dOutput: dg, kernel: candidate[side] },
                ],
                start,
              );
            return {
              products: [
                { input, dOutput: ds },
                { input, dOutput: dg },
              ],
              dx: back('fromInput', null),
              dState: [back('fromState', dAbove), mul(dCell, f)],
            };
          },
        };
      },
    };
  },
};
