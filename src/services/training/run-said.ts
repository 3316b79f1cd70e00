import { type BaselineName } from '../../learning/baseline/baseline';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type PreparationSummary } from '../../learning/preparation/prepared-examples';
import { type TrainingEvent } from '../../learning/training/training-event';
import { type StartSummary } from '../../learning/warm-start/start-from';
import { type Said } from '../jobs/log/log-line';

const BASELINE: Readonly<Record<BaselineName, string>> = {
  LOGISTIC_REGRESSION: 'Logistic regression',
  BASE_RATE: 'The share of positives',
};

const whole = (value: number): string => value.toLocaleString('en');
const digits = (value: number | null): string =>
  value === null || Number.isNaN(value) ? 'undefined' : String(Number(value.toPrecision(5)));
const seconds = (value: number): string => `${value.toFixed(1)} s`;
const info = (message: string): Said => ({ level: 'INFO', message });

/** What a run's log says of what happens in its training. */
export function eventSaid(event: TrainingEvent): Said {
  switch (event.kind) {
    case 'compiled': {
      const { architecture, device, threads, weights, batchSize } = event;
      const where = device === 'cpu' ? `cpu with ${threads} threads` : device;
      return info(
        `Trains ${architecture} on ${where}: ${whole(weights)} parameters, batches of ${whole(batchSize)} examples.`,
      );
    }
    case 'resumed':
      return info(
        `Goes on from a checkpoint: ${event.completeEpochs} epochs are complete, and ${whole(event.stepInEpoch)} steps of epoch ${event.epoch}.`,
      );
    case 'checkpoint-ignored':
      return {
        level: 'WARNING',
        message:
          'There is a checkpoint of other data, another configuration or other code: training begins anew.',
      };
    case 'checkpoint-written':
      return {
        level: 'DETAIL',
        message: `Checkpoint after step ${whole(event.step)}: ${whole(event.bytes)} bytes.`,
      };
    case 'epoch': {
      const { epoch, trainLoss, validationLoss, validationRocAuc, learningRate } = event.record;
      return info(
        `Epoch ${epoch}: training loss ${digits(trainLoss)}, validation loss ${digits(validationLoss)}, ROC AUC ` +
          `${digits(validationRocAuc)}, learning rate ${digits(learningRate)}, ${seconds(event.record.seconds)}` +
          `${event.isBest ? '; the best so far' : ''}.`,
      );
    }
    case 'fitted': {
      const { epochs, bestEpoch, stoppedEarly, patience } = event;
      const why = stoppedEarly
        ? `Stopped early after epoch ${epochs}: the validation loss had not fallen for ${patience} epochs.`
        : `All ${epochs} epochs are done.`;
      return info(`${why} The weights of ${bestEpoch === 0 ? 'the start' : `epoch ${bestEpoch}`} are kept.`);
    }
    case 'calibrated': {
      const { scale, shift } = event.calibration;
      return info(`Calibrated on the validation part: logits times ${digits(scale)}, plus ${digits(shift)}.`);
    }
    case 'baseline-fitted':
      return info(
        `Baseline: ${BASELINE[event.name].toLowerCase()} of ${whole(event.examples)} examples, fitted in ${seconds(event.seconds)}.`,
      );
    case 'exported':
      return info(
        `Exported: ${whole(event.bytes)} bytes, whose answers differ from the trainer's by ${event.maxDifference.toExponential(1)} at most, over ${whole(event.examples)} examples.`,
      );
    case 'judged':
      return info(
        `On the test part: log loss ${digits(event.logLoss)}, ROC AUC ${digits(event.rocAuc)}; recommended threshold ${digits(event.threshold)}.`,
      );
    case 'gated': {
      const { first, second } = event.difference;
      const figures = `on the validation part its log loss is ${digits(second)}, that of the baseline ${digits(first)}`;
      return event.isBeaten
        ? info(`It beats its baseline: ${figures}.`)
        : {
            level: 'WARNING',
            message: `It does not beat its baseline: ${figures}. It serves only with a reason.`,
          };
    }
  }
}

/** What it says of what the run learns from. */
export function preparationSaid(
  { accounting, split }: PreparationSummary,
  { features, sequence }: Pick<FeatureSpec, 'features' | 'sequence'>,
): Said[] {
  const { rows, quarantined, later, duplicates, mended, moments, censored, embargoed, unassigned } =
    accounting;
  const { train, validation, test } = split;
  const parts = [train, validation, test].map(
    ({ examples, positives }) => `${whole(examples)} (${whole(positives)} positive)`,
  );
  const history = sequence ? ` and histories of ${sequence.fields.length} fields` : '';
  return [
    info(
      `${whole(rows)} rows: ${whole(quarantined)} set aside, ${whole(duplicates)} duplicates, ${whole(later)} too late, ${whole(mended)} mended. ` +
        `${whole(moments)} moments: ${whole(censored)} without a complete label, ${whole(embargoed)} embargoed, ${whole(unassigned)} of no part.`,
    ),
    info(
      `Examples by ${split.by}, seed ${split.seed}: train ${parts[0] ?? ''}, validation ${parts[1] ?? ''}, test ${parts[2] ?? ''}; ${features.length} features${history}.`,
    ),
  ];
}

/** What it says of the version that the run was to start from. */
export function startSaid({ refused, weights, taken, validationLoss }: StartSummary): Said {
  if (refused !== null)
    return {
      level: 'WARNING',
      message: `Starts from drawn weights, not from the version asked for: ${refused}`,
    };
  return info(
    `Starts from an earlier version: ${whole(taken)} of ${whole(weights)} parameters are taken over; validation loss before the first step ${digits(validationLoss)}.`,
  );
}
