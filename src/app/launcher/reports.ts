import { type DomainDefinition } from '../../domain-kit';
import { type Evaluation } from '../../learning/evaluation/evaluate';
import { type ModelVersionView, type RunView } from '../demo/operations';
import { type BoardRow } from './progress-board';
import { textTable } from './text-table';

/** Share of a run's time that each state stands for, as seen on the demo data: bars move, and never back. */
const STATE_START: Readonly<Record<string, number>> = {
  QUEUED: 0,
  PREPARING: 0.02,
  TRAINING: 0.1,
  EVALUATING: 0.93,
  EXPORTING: 0.97,
  SUCCEEDED: 1,
};
const TRAINING_SHARE = 0.83;

/** A run as a line of the progress board. */
export function boardRow(domain: DomainDefinition, run: RunView): BoardRow {
  const { progress } = run;
  const last = run.epochs.at(-1);
  const trained = run.state === 'TRAINING' && progress ? progress.step / Math.max(1, progress.totalSteps) : 0;
  const details = [
    run.queuePosition !== null && run.state === 'QUEUED'
      ? `position ${run.queuePosition} in the queue`
      : null,
    progress && run.state !== 'QUEUED' ? `epoch ${progress.epoch}/${progress.maxEpochs}` : null,
    progress && run.state === 'TRAINING' ? `loss ${progress.loss.toFixed(4)}` : null,
    last?.validationRocAuc != null ? `validation AUC ${last.validationRocAuc.toFixed(4)}` : null,
    progress && run.state === 'TRAINING' ? `at most ${Math.ceil(progress.etaSeconds)} s left` : null,
  ];
  return {
    label: domain.slug,
    state: run.state,
    fraction: (STATE_START[run.state] ?? 0) + trained * TRAINING_SHARE,
    detail: details.filter((detail) => detail !== null).join('  '),
    milestone: `${run.state} ${run.epochs.length}`,
  };
}

/** One domain's result beside the best that is possible on its data. */
export interface DomainResult {
  readonly slug: string;
  readonly model: ModelVersionView;
  readonly ceiling: Evaluation;
}

/** Metrics on the held-out test part; under each result the ceiling, what the generator's own probabilities reach. */
export function metricsTable(results: readonly DomainResult[]): string {
  const header = [
    'domain',
    '',
    'examples',
    'AUC',
    'PR AUC',
    'log loss',
    'Brier',
    'ECE',
    'accuracy',
    'recall',
    'precision',
    'F1',
  ];
  const cells = (evaluation: DomainResult['ceiling'] | ModelVersionView['evaluation']) => [
    evaluation.rocAuc,
    evaluation.prAuc,
    evaluation.logLoss,
    evaluation.brier,
    evaluation.ece,
    evaluation.accuracy,
    evaluation.recall,
    evaluation.precision,
    evaluation.f1,
  ];
  const rows = results.flatMap(({ slug, model, ceiling }) => [
    [slug, 'model', model.certificate.examples.test, ...cells(model.evaluation)],
    ['', 'ceiling', '', ...cells(ceiling)],
  ]);
  return textTable(header, rows);
}
