import { AppError } from '../../errors';
import { type BaselineName, isBeaten } from '../../learning/baseline/baseline';
import { type ModelVersion } from './model-version.entity';

const MAX_REASON = 500;
const CALLED: Record<BaselineName, string> = {
  LOGISTIC_REGRESSION: 'logistic regression',
  BASE_RATE: 'the share of positives',
};

/**
 * Whether a version may serve, or be tried out, although it is not worth more than its baseline.
 *
 * @param reason why it is to all the same; null: it is not to
 * @returns the reason where one was needed; null for a version that beats its baseline, or has none
 * @throws AppError BELOW_BASELINE, with both log losses; BAD_USER_INPUT when the reason is too short or too long
 */
export function passBaseline(
  { number, kind, baseline }: Pick<ModelVersion, 'number' | 'kind' | 'baseline'>,
  reason: string | null,
): string | null {
  const given = reason === null ? null : checkReason(reason);
  if (baseline === null || isBeaten(baseline)) return null;
  if (given !== null) return given;
  const { first, second } = baseline.difference.validation;
  const [baselineLogLoss, logLoss] = [first ?? 0, second ?? 0];
  throw new AppError(
    'BELOW_BASELINE',
    `Version ${number} of ${kind} is not worth more than ${CALLED[baseline.name]}: on the validation part its log loss is ` +
      `${logLoss.toPrecision(5)}, that of the baseline ${baselineLogLoss.toPrecision(5)}. Train it on more data or with another ` +
      'configuration, train one of the architecture "linear", or say in baselineOverride why it is to serve all the same.',
    [],
    { details: { logLoss, baselineLogLoss } },
  );
}

function checkReason(reason: string): string {
  const trimmed = reason.trim();
  if (trimmed.length > 0 && trimmed.length <= MAX_REASON && !trimmed.includes('\0')) return trimmed;
  const message = `must have 1 to ${MAX_REASON} characters, without NUL`;
  throw new AppError('BAD_USER_INPUT', `The field "baselineOverride.reason" ${message}.`, [
    { path: 'baselineOverride.reason', message },
  ]);
}
