import { type CheckpointStore } from '../../learning/training/contract';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type RunKey } from './run-lease';

/** The checkpoint of one run. */
export interface RunCheckpoint extends CheckpointStore {
  /** When the run has ended. */
  discard(): Promise<void>;
}

/** Checkpoints live in the object store, so that any machine can go on with a run. */
export class Checkpoints {
  constructor(private readonly objects: ObjectStores) {}

  of({ tenantId, runId }: RunKey): RunCheckpoint {
    const objects = this.objects.forTenant(tenantId);
    const name = `checkpoints/${runId}`;
    return {
      load: () => objects.getNamed(name),
      save: (bytes) => objects.putNamed(name, bytes),
      discard: () => objects.deleteNamed(name),
    };
  }
}
