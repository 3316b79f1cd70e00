import { sizeOf } from '../../src/engine/onnx';
import { type ModelConfig } from '../../src/learning/architectures/model-config';
import { NetworkProgram } from '../../src/learning/training/network-program';
import { describeNetwork } from './network-description';
import { type Workload } from './workload';

/** Steps of a run that is long enough for the configured weight averaging. */
const PLANNED_STEPS = 10_000;

/** A configured network on examples of a shape, as training has it. */
export function networkWorkload({
  model,
  ...data
}: Pick<Workload, 'name' | 'shape' | 'examples'> & { readonly model: ModelConfig }): Workload {
  return {
    ...data,
    description: describeNetwork(model, data.shape),
    async compile({ batch, threads, device = 'cpu' }) {
      const program = await NetworkProgram.compile({
        model: { ...model, batchSize: batch },
        shape: data.shape,
        exampleCount: batch * Math.ceil(PLANNED_STEPS / model.maxEpochs),
        device,
        threads,
      });
      return {
        parameters: [...program.trained().values()].reduce(
          (total, tensor) => total + sizeOf(tensor.shape),
          0,
        ),
        train: (chunk) => program.train(chunk),
        close: () => program.close(),
      };
    },
  };
}
