/** Every error code that leaves the platform, with the HTTP status used outside GraphQL. The table is closed. */
export const ERROR_STATUS = {
  /** The request is malformed or breaks a documented bound; the message names the field. */
  BAD_USER_INPUT: 400,
  /** A GraphQL document is longer, deeper or wider than this server accepts. */
  OPERATION_TOO_LARGE: 400,
  /** A GraphQL operation asks for more work than this server does at once. */
  OPERATION_TOO_COSTLY: 400,
  /** Not one of the operations that this server knows, where it is asked for one by id or executes no others. */
  OPERATION_UNKNOWN: 400,
  /** No credential, or one that is unknown, expired or revoked. */
  UNAUTHENTICATED: 401,
  /** The credential is valid, its role is not allowed to do this. */
  FORBIDDEN: 403,
  /** Absent, or another tenant's: the two are indistinguishable on purpose. */
  NOT_FOUND: 404,
  /** The object is in a state that does not allow this. */
  CONFLICT: 409,
  /** An upload is larger than the configured limit. */
  PAYLOAD_TOO_LARGE: 413,
  /** A model version is not worth more than its cheap baseline, and nobody has said why it is to serve all the same. */
  BELOW_BASELINE: 409,
  /** The uploaded data cannot be used as it is; the message says where and why. */
  INVALID_DATA: 422,
  /** A person has to say which of the data's columns are the configuration's. */
  MAPPING_UNCONFIRMED: 409,
  /** The data or the model does not match the domain's configuration. */
  INVALID_CONFIGURATION: 422,
  /** A training does not fit into the memory of any worker that could execute it; the message says how much it needs. */
  INSUFFICIENT_MEMORY: 422,
  /** No model version is promoted for the domain yet. */
  MODEL_NOT_READY: 409,
  /** A model cannot be trained: gradients or losses stopped being numbers, or it does not fit in memory. */
  TRAINING_FAILED: 500,
  /** The run was cancelled by a person. */
  CANCELLED: 409,
  /** The tenant has used up what it may do in a minute. */
  RATE_LIMITED: 429,
  /** The tenant has used up a quota: what is stored, or what it may do in a day or a month. */
  QUOTA_EXCEEDED: 429,
  /** A request took longer than this server lets one take. */
  TIMEOUT: 503,
  /** A service that is needed does not answer; trying again later may help. */
  UNAVAILABLE: 503,
  /** Ours to mend. The request id finds it in the logs. */
  INTERNAL_SERVER_ERROR: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;
