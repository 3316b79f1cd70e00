import { type FeatureSpec } from '../../learning/features/feature-spec';
import { applySteps } from '../../learning/preparation/cleaning/cleaning-step';
import { applyEntitySteps } from '../../learning/preparation/cleaning/entity-steps';
import { type DomainConfiguration } from '../domains/domain-configuration.entity';
import { type TrainingRun } from './training-run.entity';

/** What a run reads its dataset by: its configuration's specification, with what was accepted to be mended when it was asked for. */
export function runSpec(
  { entities, cleaning, mapping }: Pick<TrainingRun, 'entities' | 'cleaning' | 'mapping'>,
  { featureSpec }: Pick<DomainConfiguration, 'featureSpec'>,
): FeatureSpec {
  const steps = (cleaning ?? []).map(({ step }) => step);
  return (entities ?? []).reduce(
    (mended, { name, mapping, cleaning = [] }) =>
      applyEntitySteps(
        mended,
        { name, mapping: mapping.columns },
        cleaning.map(({ step }) => step),
      ),
    applySteps(featureSpec, mapping?.columns ?? {}, steps),
  );
}
