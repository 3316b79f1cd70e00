import { modelConfigSchema } from '../../learning/architectures/model-config';
import { type FeatureSpec } from '../../learning/features/feature-spec';
import { type DomainConfiguration } from '../domains/domain-configuration.entity';
import { runSpec } from './run-spec';
import { type TrainingRun } from './training-run.entity';

/** All that decides what a run learns, beside the content of its files and the code. Plain JSON. */
export interface ExactConfiguration {
  /** Of the domain's configuration. */
  readonly version: number;
  /** With its defaults, and what is mended. */
  readonly featureSpec: FeatureSpec;
  /** With its defaults, those of options that came later included. */
  readonly modelConfig: object;
  /** What asks for the same again, as `startTraining` takes it; of the runs of a study, without what that tries. */
  readonly startTrainingInput: object;
}

export function exactConfiguration(run: TrainingRun, configuration: DomainConfiguration): ExactConfiguration {
  const { kind, datasetId, entities, priority, requestedDevice, startVersionId } = run;
  const model = run.overrides?.model ?? configuration.modelConfig;
  const complete = modelConfigSchema.safeParse(model);
  return {
    version: configuration.version,
    featureSpec: runSpec(run, configuration),
    modelConfig: complete.success ? complete.data : model,
    startTrainingInput: {
      ...{ kind, datasetId, priority, device: requestedDevice },
      entities: (entities ?? []).map(({ name, datasetId }) => ({ name, datasetId })),
      ...(startVersionId !== null && { startFromVersionId: startVersionId }),
    },
  };
}
