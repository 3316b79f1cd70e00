/** What entries of the audit log are about. */
export const AUDIT_OBJECTS = {
  TENANT: 'Your tenant; the id is its own.',
  API_KEY: 'An API key.',
  MEMBER: 'A person who is a member of your tenant.',
  INVITATION: 'An invitation to become a member.',
  IDENTITY_PROVIDER: 'What vouches for members.',
  DOMAIN: 'The configuration of a domain; the id is its kind.',
  DATASET: 'A dataset.',
  EVENT_STORE: 'The stored events of a domain; the id is its kind.',
  PREDICTION_LOG: 'The recorded predictions of a domain; the id is its kind.',
  EVENT_SNAPSHOT: 'A snapshot of stored events.',
  TRAINING_RUN: 'A training run.',
  TRAINING_STUDY: 'A cross-validation or a search.',
  BATCH_SCORING: 'A batch scoring.',
  MODEL_VERSION: 'A model version.',
  WEBHOOK: 'Where alerts are sent.',
  CHALLENGER: 'A version that is tried out beside a champion.',
  RETRAINING_SCHEDULE: 'When a domain is trained again.',
  SUBJECT_REQUEST: 'What was asked of the data about a subject.',
  POLICY: 'A policy of a domain; the id is the kind of the domain.',
} as const;

export type AuditObject = keyof typeof AUDIT_OBJECTS;

/** Every change that is recorded: what it is done to, and what it means. */
export const AUDIT_ACTIONS = {
  TENANT_CREATED: { object: 'TENANT', description: 'The tenant was made.' },
  RETENTION_SET: {
    object: 'TENANT',
    description: 'For how long what is kept was set.',
  },
  RETENTION_ENFORCED: {
    object: 'TENANT',
    description: 'The platform removed what was kept for as long as you wanted: how much of which kind.',
  },
  TRAINING_SHARE_SET: {
    object: 'TENANT',
    description: 'The weight among tenants that train, or the limit of runs at a time, was set.',
  },
  QUOTAS_SET: {
    object: 'TENANT',
    description: 'The platform set how much the tenant may use of something.',
  },
  ENCRYPTION_KEY_ROTATED: {
    object: 'TENANT',
    description: 'A new key was made that secrets are encrypted with, and they were encrypted again.',
  },
  MASTER_KEY_ROTATED: {
    object: 'TENANT',
    description: "The platform wrapped the tenant's keys with another master key.",
  },
  API_KEY_CREATED: { object: 'API_KEY', description: 'A key was made.' },
  API_KEY_ROTATED: {
    object: 'API_KEY',
    description: 'Another key was made in the place of this one, which works on for a while.',
  },
  API_KEY_REVOKED: { object: 'API_KEY', description: 'A key was ended.' },
  MEMBER_INVITED: { object: 'INVITATION', description: 'Somebody was invited; whom, it does not tell.' },
  INVITATION_REVOKED: { object: 'INVITATION', description: 'An invitation was ended.' },
  MEMBER_JOINED: {
    object: 'MEMBER',
    description: 'A person became a member, by an invitation or by a claim of the identity provider.',
  },
  MEMBER_ROLE_CHANGED: {
    object: 'MEMBER',
    description: 'A member got another role, or the identity provider gave or withdrew it.',
  },
  MEMBER_REMOVED: { object: 'MEMBER', description: 'A person is a member no longer.' },
  IDENTITY_PROVIDER_SET: {
    object: 'IDENTITY_PROVIDER',
    description: 'An issuer was trusted to vouch for members, or on other terms than before.',
  },
  IDENTITY_PROVIDER_DELETED: {
    object: 'IDENTITY_PROVIDER',
    description: 'An issuer was trusted no longer.',
  },
  DOMAIN_CONFIGURED: {
    object: 'DOMAIN',
    description: 'A new version of the configuration was put in force; also the first, of defaults.',
  },
  DATASET_CREATED: { object: 'DATASET', description: 'A dataset was announced.' },
  DATASET_UPLOADED: { object: 'DATASET', description: 'The file came and was accepted.' },
  DATASET_REJECTED: { object: 'DATASET', description: 'The file came and could not be used.' },
  DATASET_MAPPED: { object: 'DATASET', description: 'Columns were confirmed or corrected.' },
  CLEANING_DECIDED: {
    object: 'DATASET',
    description: 'A cleaning proposal was accepted, refused or opened again.',
  },
  EVENTS_INGESTED: {
    object: 'EVENT_STORE',
    description: 'A batch of events was stored: how many, never which.',
  },
  PREDICTION_LOG_CONFIGURED: {
    object: 'PREDICTION_LOG',
    description: 'What is recorded without being asked for, or for how long all is kept, was set.',
  },
  OUTCOMES_RECORDED: {
    object: 'PREDICTION_LOG',
    description: 'A batch of outcomes was recorded: how many, never whose.',
  },
  SNAPSHOT_REQUESTED: {
    object: 'EVENT_SNAPSHOT',
    description: 'A dataset of the stored events was asked for.',
  },
  TRAINING_STARTED: { object: 'TRAINING_RUN', description: 'A training was asked for.' },
  TRAINING_RETRIED: {
    object: 'TRAINING_RUN',
    description: 'A training that failed or was cancelled was asked for again.',
  },
  TRAINING_CANCELLED: { object: 'TRAINING_RUN', description: 'A training was called off.' },
  STUDY_STARTED: {
    object: 'TRAINING_STUDY',
    description: 'A cross-validation or a search was asked for, and with it its trainings.',
  },
  STUDY_CANCELLED: {
    object: 'TRAINING_STUDY',
    description: 'A study was called off, and with it its trainings.',
  },
  SCORING_STARTED: {
    object: 'BATCH_SCORING',
    description: 'The scores of a dataset or of all stored subjects were asked for.',
  },
  SCORING_CANCELLED: { object: 'BATCH_SCORING', description: 'A scoring was called off.' },
  MODEL_PROMOTED: { object: 'MODEL_VERSION', description: 'A version was made the one that serves.' },
  MODEL_ROLLED_BACK: { object: 'MODEL_VERSION', description: 'An earlier version was let serve again.' },
  CHALLENGER_STARTED: { object: 'CHALLENGER', description: 'A version began to be tried out.' },
  CHALLENGER_CHANGED: { object: 'CHALLENGER', description: 'How a version is tried out was changed.' },
  CHALLENGER_ENDED: { object: 'CHALLENGER', description: 'A version is tried out no longer.' },
  CHALLENGER_PROMOTED: { object: 'CHALLENGER', description: 'A version that was tried out serves now.' },
  CHALLENGER_ROLLED_BACK: {
    object: 'CHALLENGER',
    description: 'The platform ended a version that was tried out, because it was worse than the champion.',
  },
  MODEL_RETIRED: {
    object: 'MODEL_VERSION',
    description: 'A version was retired, because a subject that it was trained on was erased.',
  },
  SUBJECT_EXPORT_REQUESTED: {
    object: 'SUBJECT_REQUEST',
    description: 'All data about a subject was asked for; whose, only a pseudonym tells.',
  },
  SUBJECT_ERASURE_REQUESTED: {
    object: 'SUBJECT_REQUEST',
    description: 'The data about a subject was asked to be erased; whose, only a pseudonym tells.',
  },
  SUBJECT_ALLOWED: {
    object: 'SUBJECT_REQUEST',
    description: 'An erased subject may come back; the id is that of the pseudonym.',
  },
  POLICY_DRAFTED: { object: 'POLICY', description: 'A policy was written; it is not in force by that.' },
  POLICY_ACTIVATED: { object: 'POLICY', description: 'A policy was put in force.' },
  WEBHOOK_SET: { object: 'WEBHOOK', description: 'Alerts were to be sent to a URL, or others than before.' },
  WEBHOOK_DELETED: { object: 'WEBHOOK', description: 'Alerts were no longer to be sent to a URL.' },
  RETRAINING_SCHEDULED: {
    object: 'RETRAINING_SCHEDULE',
    description: 'A domain was to be trained again by the clock or on drift, or otherwise than before.',
  },
  RETRAINING_UNSCHEDULED: { object: 'RETRAINING_SCHEDULE', description: 'A schedule was ended.' },
  POLICY_ROLLED_BACK: { object: 'POLICY', description: 'The policy before was put in force again.' },
} as const satisfies Record<string, { object: AuditObject; description: string }>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
