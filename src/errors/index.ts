export { AppError, type Issue, messageOf } from './app-error';
export { ERROR_STATUS, type ErrorCode } from './codes';
export { systemCodeOf } from './system-code';
