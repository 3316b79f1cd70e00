import { type Value } from '../../onnx';
import { gemm, mul, rnn, sub, tanh } from '../../ops';
import { type Cell } from './cell';
import { joinedInput, joinedKernel, pullBack } from './products';

/** Elman's cell:  h' = tanh([x h 1]·K).  dpre = dh'·(1 − h'²). */
export const rnnCell: Cell = {
  states: 1,
  biases: [0],
  recurrentBias: false,
  fused: rnn,
  prepare({ kernel, recurrentKernel, bias }) {
    const joined = joinedKernel({ fromInput: kernel, fromState: recurrentKernel, bias });
    return {
      products: [{ kernel: joined, bias: null, fromInput: kernel }],
      step(x, [h]) {
        const input = joinedInput(x, h as Value);
        const next = tanh(gemm(input, joined));
        return {
          state: [next],
          backward([dh], dAbove) {
            const dOutput = mul(dh as Value, sub(1, mul(next, next)));
            return {
              products: [{ input, dOutput }],
              dState: [pullBack([{ dOutput, kernel: recurrentKernel }], dAbove)],
            };
          },
        };
      },
    };
  },
};
