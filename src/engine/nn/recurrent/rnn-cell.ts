import { type Value } from '../../onnx';
import { concat, gemm, mul, rnn, sub, tanh } from '../../ops';
import { type Cell } from './cell';
import { type GateBlock, gateBlocks, pullBack } from './products';

/** Elman's cell:  h' = tanh([x h]·K + b).  dpre = dh'·(1 − h'²). */
export const rnnCell: Cell = {
  states: 1,
  biases: [0],
  recurrentBias: false,
  fused: rnn,
  prepare(parameters) {
    const [block] = gateBlocks(parameters, [1]) as [GateBlock];
    return {
      products: [block],
      step(x, [h]) {
        const input = concat([x, h as Value], 1);
        const next = tanh(gemm(input, block.kernel, { c: block.bias }));
        return {
          state: [next],
          backward([dh], dAbove) {
            const dOutput = mul(dh as Value, sub(1, mul(next, next)));
            return {
              products: [{ input, dOutput }],
              dx: pullBack([{ dOutput, kernel: block.fromInput }]),
              dState: [pullBack([{ dOutput, kernel: block.fromState }], dAbove)],
            };
          },
        };
      },
    };
  },
};
