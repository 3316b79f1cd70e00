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

  /** @param repeated runs whose checkpoint is taken where it has none, the first that has one */
  of({ tenantId, runId }: RunKey, repeated: readonly string[] = []): RunCheckpoint {
    const objects = this.objects.forTenant(tenantId);
    const name = nameOf(runId);
    return {
      load: async () => {
        for (const id of [runId, ...repeated]) {
          const found = await objects.getNamed(nameOf(id));
          if (found) return found;
        }
        return null;
      },
      save: (bytes) => objects.putNamed(name, bytes),
      discard: () => objects.deleteNamed(name),
    };
  }
}

const nameOf = (runId: string): string => `checkpoints/${runId}`;
