import { AuditEntry } from '../../platform/audit/audit-entry.entity';
import { ApiKey } from '../../platform/tenancy/api-key.entity';
import { Challenger } from '../../services/challengers/challenger.entity';
import { ChallengerTrial } from '../../services/challengers/challenger-trial.entity';
import { DatasetProfileRecord } from '../../services/datasets/dataset-profile.entity';
import { EventSnapshot } from '../../services/events/event-snapshot.entity';
import { PolicyActivation } from '../../services/policies/policy-activation.entity';
import { Policy } from '../../services/policies/policy.entity';
import { MEMBER_ENTITIES } from '../../services/members/member-entities';
import { MONITORING_ENTITIES } from '../../services/monitoring/monitoring-entities';
import { SCHEDULE_ENTITIES } from '../../services/schedules/schedule-entities';
import { SubjectRequest } from '../../services/privacy/subject-request.entity';
import { Promotion } from '../../services/models/promotion.entity';
import { TRAINING_ENTITIES } from '../../services/training/training-entities';

/** The tables that the API reads and writes. */
export const API_ENTITIES = [
  ...TRAINING_ENTITIES,
  ...MEMBER_ENTITIES,
  ...MONITORING_ENTITIES,
  ...SCHEDULE_ENTITIES,
  Promotion,
  Challenger,
  ChallengerTrial,
  Policy,
  PolicyActivation,
  DatasetProfileRecord,
  EventSnapshot,
  SubjectRequest,
  ApiKey,
  AuditEntry,
];
