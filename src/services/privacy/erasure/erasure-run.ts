import { type Logger } from 'pino';
import { type ObjectStore, type ObjectStores } from '../../../platform/artifacts/object-store';
import { type Database } from '../../../platform/persistence/database';
import { type PrivacyKeys } from '../../../platform/privacy/privacy-keys';
import { type TenantContext } from '../../../platform/tenancy/request-context';
import { type TrainingService } from '../../training/training.service';
import { type RequestLease } from '../request-lease';
import { type SubjectRequest } from '../subject-request.entity';

/** What the steps of an erasure work with. */
export interface ErasureRun {
  readonly request: SubjectRequest;
  readonly subject: string;
  readonly database: Database;
  readonly objects: ObjectStores;
  readonly store: ObjectStore;
  readonly training: Pick<TrainingService, 'start'>;
  readonly keys: PrivacyKeys;
  readonly lease: RequestLease;
  /** An empty folder, removed afterwards by the caller. */
  readonly workDirectory: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** Whoever asked for it. */
export function contextOf({ tenantId, requestedBy, requestId }: SubjectRequest): TenantContext {
  return { requestId, actor: { id: requestedBy, role: 'TENANT_ADMIN', tenantId } };
}
