import { registerEnumType } from 'type-graphql';
import { ERROR_STATUS, type ErrorCode as Code } from '../../errors';
import { enumOf } from '../enum-of';

/** What a client reads about each code of the closed table. A code without a description does not compile. */
const DESCRIPTIONS: Record<Code, string> = {
  BAD_USER_INPUT: 'The request is malformed or breaks a documented bound; the message names the field.',
  OPERATION_TOO_LARGE:
    'The GraphQL document is longer, deeper or wider than this server accepts; the issues name what is over its limit.',
  OPERATION_TOO_COSTLY:
    'The operation asks for more work than this server does at once; `extensions.cost` and `extensions.limit` say how much, the issues where.',
  OPERATION_UNKNOWN:
    'The operation was asked for by an id that this server does not know, or the server executes known operations alone.',
  UNAUTHENTICATED: 'No API key, or one that is unknown, expired or revoked.',
  FORBIDDEN: 'The API key is valid, its role is not allowed to do this.',
  NOT_FOUND: 'There is no such object in your tenant.',
  CONFLICT: 'The object is in a state that does not allow this; the message says which.',
  BELOW_BASELINE:
    "The model version's log loss is not lower than its baseline's on the validation part; `baselineOverride` lets it serve all the same.",
  PAYLOAD_TOO_LARGE: 'The upload is larger than this server accepts; the message says the limit.',
  INVALID_DATA: 'The uploaded data cannot be used as it is; the issues say where and why.',
  MAPPING_UNCONFIRMED:
    'It is not certain which columns of the file the configuration reads: confirm them with `mapDataset`.',
  INVALID_CONFIGURATION: 'The configuration is not valid, or the data or the model does not match it.',
  INSUFFICIENT_MEMORY:
    'The training does not fit into the memory of any connected worker that could execute it; the message says how much it needs and which batch size would fit.',
  MODEL_NOT_READY: 'No model version is promoted for the domain yet: train one and promote it.',
  TRAINING_FAILED: 'The model could not be trained on this data with this configuration.',
  CANCELLED: 'The run was cancelled by a person.',
  RATE_LIMITED:
    'Your tenant has used its requests or predictions of this minute; `extensions.retryAfterSeconds` says when to go on.',
  QUOTA_EXCEEDED:
    'Your tenant has used up a quota, and nothing was done; `extensions.kind` says which, `extensions.limit`, `extensions.used` and `extensions.resetsAt` how much and until when.',
  TIMEOUT:
    'The request took longer than this server lets one take; `extensions.timeoutMs` says how long. What it changes may have been changed all the same.',
  UNAVAILABLE: 'A service that is needed does not answer; trying again later may help.',
  INTERNAL_SERVER_ERROR: 'A fault of the platform. Report it with the request id.',
};

/** The codes as a GraphQL enum: in typed results, and as `extensions.code` of errors. */
export const ErrorCode = enumOf(Object.keys(ERROR_STATUS) as Code[]);

registerEnumType(ErrorCode, {
  name: 'ErrorCode',
  description: 'Every code that an error can carry, in a typed result or as `extensions.code` of an error.',
  valuesConfig: Object.fromEntries(
    Object.entries(DESCRIPTIONS).map(([code, description]) => [code, { description }]),
  ),
});
