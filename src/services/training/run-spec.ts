import { type FeatureSpec } from '../../learning/features/feature-spec';
import { applySteps } from '../../learning/preparation/cleaning/cleaning-step';
import { applyEntitySteps } from '../../learning/preparation/cleaning/entity-steps';
import { type DomainConfiguration } from '../domains/domain-configuration.entity';
import { type TrainingRun } from './training-run.entity';

/**
 * What a run reads its dataset by: its configuration's specification, with what was accepted to be mended when it was asked for,
 * and split as its study says.
 */
export function runSpec(
  {
    entities,
    cleaning,
    mapping,
    overrides,
  }: Pick<TrainingRun, 'entities' | 'cleaning' | 'mapping' | 'overrides'>,
  { featureSpec }: Pick<DomainConfiguration, 'featureSpec'>,
): FeatureSpec {
  const steps = (cleaning ?? []).map(({ step }) => step);
  const spec = (entities ?? []).reduce(
    (mended, { name, mapping, cleaning = [] }) =>
      applyEntitySteps(
        mended,
        { name, mapping: mapping.columns },
        cleaning.map(({ step }) => step),
      ),
    applySteps(featureSpec, mapping?.columns ?? {}, steps),
  );
  return overrides?.split ? { ...spec, split: overrides.split } : spec;
}
