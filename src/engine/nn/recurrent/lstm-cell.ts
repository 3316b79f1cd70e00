import { type Value } from '../../onnx';
import { add, concat, lstm, gemm, mul, sigmoid, sub, tanh } from '../../ops';
import { type Cell } from './cell';
import { gateKernels, joinedInput, joinedKernel, pullBack } from './products';

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; with forget gate, Gers et al. 2000):
 *   i, o, f = σ(…),  g = tanh(…),  c' = k + w with k = f·c and w = i·g,  h' = o·tanh c'
 * Backward, for what goes into the activations:
 *   e = dh'·(o − h'·tanh c') + dc',  dc = e·f
 *   di = e·(w − w·i),  do = dh'·(h' − h'·o),  df = dc·(c − k),  dg = e·(i − w·g)
 * The second factors are put together, and made last: ONNX Runtime then executes them in the forward pass (see
 * `backward` in recurrence.ts), while all that they are made of is in the cache, and less is kept for the way back.
 * The forget gate's bias begins at 1, so that a fresh network remembers (Jozefowicz et al. 2015).
 */
export const lstmCell: Cell = {
  states: 2,
  biases: [0, 0, 1, 0],
  recurrentBias: false,
  fused: lstm,
  prepare({ kernel, recurrentKernel, bias }) {
    const joined = joinedKernel({ fromInput: kernel, fromState: recurrentKernel, bias });
    const gates = gateKernels(joined, recurrentKernel.size(0)) as [Value, Value, Value, Value];
    return {
      products: [{ kernel: joined, bias: null, fromInput: kernel }],
      step(x, state) {
        const [h, c] = state as [Value, Value];
        const input = joinedInput(x, h);
        const i = sigmoid(gemm(input, gates[0]));
        const o = sigmoid(gemm(input, gates[1]));
        const f = sigmoid(gemm(input, gates[2]));
        const g = tanh(gemm(input, gates[3]));
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
            const dBefore = mul(dCell, f);
            const arriving = concat([dCell, dHidden, dBefore, dCell], 1);
            const local = concat(
              [sub(written, mul(written, i)), sub(next, mul(next, o)), sub(c, kept), sub(i, mul(written, g))],
              1,
            );
            const dOutput = mul(arriving, local);
            return {
              products: [{ input, dOutput }],
              dState: [pullBack([{ dOutput, kernel: recurrentKernel }], dAbove), dBefore],
            };
          },
        };
      },
    };
  },
};
