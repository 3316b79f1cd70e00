import { type Value } from '../../onnx';
import { add, concat, gemm, gru, mul, sigmoid, slice, split, sub, tanh } from '../../ops';
import { type Cell } from './cell';
import { type GateBlock, gateBlocks, pullBack } from './products';

/**
 * Gated recurrent unit (Cho et al. 2014), the reset gate after the recurrent product, as in cuDNN:
 *   s = [z r] = σ(…),  n = tanh(x·Wₙ + bₙ + r·q) with q = h·Uₙ + uₙ,  h' = n + z·(h − n)
 * Backward:
 *   dn = dh'·(1 − z)·(1 − n²),  dq = dn·r,  ds = [dh'·z·(h − n), dq·q]·(1 − s),  dh = dh'·z
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
    const gate = { ...gates, bias: add(gates.bias, gatesBias) };
    const ofInput = { kernel: candidate.fromInput, bias: candidate.bias };
    const ofState = {
      kernel: candidate.fromState,
      bias: slice(recurrentBias, { axis: 0, start: 2 * hidden, end: 3 * hidden }),
    };
    return {
      products: [gate, ofInput, ofState],
      step(x, state) {
        const [h] = state as [Value];
        const input = concat([x, h], 1);
        const s = sigmoid(gemm(input, gate.kernel, { c: gate.bias }));
        const [z, r] = split(s, { axis: 1, sizes: [hidden, hidden] }) as [Value, Value];
        const q = gemm(h, ofState.kernel, { c: ofState.bias });
        const n = tanh(add(gemm(x, ofInput.kernel, { c: ofInput.bias }), mul(r, q)));
        const carried = mul(z, sub(h, n));
        return {
          state: [add(n, carried)],
          backward([dh], dAbove) {
            const dHidden = dh as Value;
            const dDirect = mul(dHidden, z);
            const dn = mul(sub(dHidden, dDirect), sub(1, mul(n, n)));
            const dq = mul(dn, r);
            const ds = mul(concat([mul(dHidden, carried), mul(dq, q)], 1), sub(1, s));
            return {
              products: [
                { input, dOutput: ds },
                { input: x, dOutput: dn },
                { input: h, dOutput: dq },
              ],
              dx: pullBack([
                { dOutput: ds, kernel: gate.fromInput },
                { dOutput: dn, kernel: ofInput.kernel },
              ]),
              dState: [
                pullBack(
                  [
                    { dOutput: ds, kernel: gate.fromState },
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
