import { type TenantScope } from '../../platform/persistence/tenant-scope';

/** Announces that a run's row has changed; whoever shows runs reads the row again. */
export const PROGRESS_CHANNEL = 'training_progress';

/** What is sent on {@link PROGRESS_CHANNEL}. */
export interface ProgressNotice {
  readonly tenantId: string;
  readonly runId: string;
}

/** Delivered when the transaction commits. */
export async function announceProgress(
  scope: TenantScope,
  { tenantId, runId }: ProgressNotice,
): Promise<void> {
  await scope.notify(PROGRESS_CHANNEL, { tenantId, runId });
}
