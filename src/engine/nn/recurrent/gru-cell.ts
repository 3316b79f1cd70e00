import { type Value } from '../../onnx';
import { add, concat, gemm, gru, mul, sigmoid, slice, sub, tanh } from '../../ops';
import { type Cell } from './cell';
import { type GateBlock, gateBlocks, gateKernels, joinedInput, joinedKernel, pullBack } from './products';

/**
 * Gated recurrent unit (Cho et al. 2014), the reset gate after the recurrent product, as in cuDNN:
 *   z, r = σ(…),  n = tanh(x·Wₙ + bₙ + r·q) with q = h·Uₙ + uₙ,  h' = n + k with k = z·(h − n)
 * Backward, for what goes into the activations:
 *   p = dh'·z,  dn = (dh' − p)·(1 − n²),  dq = dn·r,  dz = dh'·(k − k·z),  dr = dq·(q − q·r),  dh = p
 */
export const gruCell: Cell = {
  states: 1,
  biases: [0, 0, 0],
  recurrentBias: true,
  fused: gru,
  prepare(parameters) {
    const hidden = parameters.recurrentKernel.size(0);
    const recurrentBias = parameters.recurrentBias as Value;
    const gatesBias = slice(recurrentBias, { axis: 0, start: 0, end: 2 * hidden });
    const [gates, candidate] = gateBlocks(parameters, [2, 1]) as [GateBlock, GateBlock];
    const joined = joinedKernel({ ...gates, bias: add(gates.bias, gatesBias) });
    const [ofZ, ofR] = gateKernels(joined, hidden) as [Value, Value];
    const ofInput = { kernel: candidate.fromInput, bias: candidate.bias };
    const ofState = {
      kernel: candidate.fromState,
      bias: slice(recurrentBias, { axis: 0, start: 2 * hidden, end: 3 * hidden }),
    };
    return {
      products: [
        { kernel: joined, bias: null, fromInput: gates.fromInput },
        { ...ofInput, fromInput: candidate.fromInput },
        { ...ofState, fromInput: null },
      ],
      step(x, state) {
        const [h] = state as [Value];
        const input = joinedInput(x, h);
        const z = sigmoid(gemm(input, ofZ));
        const r = sigmoid(gemm(input, ofR));
        const q = gemm(h, ofState.kernel, { c: ofState.bias });
        const n = tanh(add(gemm(x, ofInput.kernel, { c: ofInput.bias }), mul(r, q)));
        const kept = mul(z, sub(h, n));
        return {
          state: [add(n, kept)],
          backward([dh], dAbove) {
            const dHidden = dh as Value;
            const dDirect = mul(dHidden, z);
            const dn = mul(sub(dHidden, dDirect), sub(1, mul(n, n)));
            const dq = mul(dn, r);
            const dGates = concat([mul(dHidden, sub(kept, mul(kept, z))), mul(dq, sub(q, mul(q, r)))], 1);
            return {
              products: [
                { input, dOutput: dGates },
                { input: x, dOutput: dn },
                { input: h, dOutput: dq },
              ],
              dState: [
                pullBack(
                  [
                    { dOutput: dGates, kernel: gates.fromState },
                    { dOutput: dq, kernel: ofState.kernel },
                  ],
                  dAbove ? add(dAbove, dDirect) : dDirect,
                ),
              ],
            };
          },
        };
      },
    };
  },
};
