import { type TrainingOptions } from './options';
import { type TorchPeer } from './torch-peer';

/** What every part of the suite is given. */
export interface Bench {
  readonly options: TrainingOptions;
  /** Null where PyTorch is not there. */
  readonly peer: TorchPeer | null;
  /** Takes one line about what was measured. */
  readonly progress: (line: string) => void;
}
