import { type ModelConfig } from '../../learning/architectures/model-config';
import { type SplitSpec } from '../../learning/features/split-spec';

/** In which a training differs from its configuration. */
export interface RunOverrides {
  readonly model?: ModelConfig;
  readonly split?: SplitSpec;
  /** Of a trial: whether it is judged on the test part as well. */
  readonly judgesTest?: boolean;
}
