import { AppError } from '../../../src/errors';
import { type DriftReference } from '../../../src/learning/drift/drift-reference';
import { type Baseline } from '../../../src/learning/baseline/baseline';
import { evaluate } from '../../../src/learning/evaluation/evaluate';
import { CERTIFICATE_TOLERANCE } from '../../../src/learning/export/certificate';
import { DomainConfiguration } from '../../../src/services/domains/domain-configuration.entity';
import { type ModelVersion } from '../../../src/services/models/model-version.entity';
import { recordModelVersion } from '../../../src/services/models/record-model-version';
import { announceProgress } from '../../../src/services/training/progress-channel';
import { TrainingRun } from '../../../src/services/training/training-run.entity';
import { KIND, readyDataset } from './table-dataset';
import { type ApiTenant, type TestApi } from './test-api';

export const PREDICTIONS_CSV = `part,id,label,probability
validation,a,1,0.9
test,b,1,0.8
test,"c,d",0,0.3
test,e,1,0.6
test,f,0,0.7
`;

/** A run as the API accepts it; no worker takes it. */
export async function startRun(owner: ApiTenant, datasetId?: string): Promise<string> {
  const { startTraining } = await owner.caller.data<{ startTraining: { run: { id: string } } }>(
    `mutation ($input: StartTrainingInput!) {
      startTraining(input: $input) { ... on StartTrainingSuccess { run { id } } }
    }`,
    { input: { kind: KIND, datasetId: datasetId ?? (await readyDataset(owner.caller)) } },
  );
  return startTraining.run.id;
}

/** Changes a run as a worker would. */
export async function changeRun(
  { database }: TestApi,
  { id: tenantId }: ApiTenant,
  {
    runId,
    ...changes
  }: { runId: string } & Partial<Pick<TrainingRun, 'state' | 'preparation' | 'progress' | 'finishedAt'>>,
): Promise<void> {
  await database.inTenant(tenantId, async (scope) => {
    await scope.repository(TrainingRun).update({ id: runId }, changes);
    await announceProgress(scope, { tenantId, runId });
  });
}

export interface ModelOptions {
  readonly runId?: string;
  /** The domain that the version is of. */
  readonly kind?: string;
  /** What the certificate says of the artifact. */
  readonly difference?: number;
  /** Its held-out predictions, as CSV. */
  readonly predictionsCsv?: string;
  /** An ONNX file that can answer, for models that are asked. */
  readonly artifactFile?: Uint8Array;
  /** What a later training can start from. */
  readonly weights?: Uint8Array;
  /** What it is to be worth more than. */
  readonly baseline?: Baseline;
  /** What its inputs were in training. */
  readonly driftReference?: DriftReference;
}

/** A baseline, and by how much a model's log loss differs from its own on the validation part. */
export function baselineOf(difference: number): Baseline {
  const evaluation = evaluate(Float32Array.of(1, 0, 1, 0), Float32Array.of(0.6, 0.4, 0.5, 0.5), 0.5);
  const first = evaluation.logLoss ?? 0;
  const tested = (by: number) => ({
    ...{ first, second: first + by, difference: by },
    ...{ low: by - 0.1, high: by + 0.1, pValue: 0.4 },
  });
  return {
    ...{ name: 'LOGISTIC_REGRESSION', examples: 10, validation: evaluation, test: evaluation },
    difference: { validation: tested(difference), test: tested(-difference) },
  };
}

/** A model version as a finished run leaves it. */
export async function trainedModel(
  test: TestApi,
  owner: ApiTenant,
  {
    runId: given,
    kind = KIND,
    difference = 0,
    predictionsCsv = PREDICTIONS_CSV,
    artifactFile,
    driftReference,
    weights,
    baseline,
  }: ModelOptions = {},
): Promise<ModelVersion> {
  const runId = given ?? (await startRun(owner));
  const store = test.stores.forTenant(owner.id);
  const artifact = await store.put(artifactFile ?? Buffer.from(`an artifact of ${runId}`));
  const reference = driftReference && (await store.put(Buffer.from(JSON.stringify(driftReference))));
  const kept = weights && (await store.put(weights));
  const predictions = await store.put(Buffer.from(predictionsCsv));
  const evaluation = evaluate(Float32Array.of(1, 0, 1, 0), Float32Array.of(0.8, 0.3, 0.6, 0.7), 0.5);
  const version = await test.database.inTenant(owner.id, async (scope) => {
    const run = await scope.repository(TrainingRun).getOrThrow(runId);
    const configuration = await scope.repository(DomainConfiguration).findOne({ id: run.configurationId });
    if (!configuration) throw new AppError('NOT_FOUND', 'the run has no configuration');
    await scope.repository(TrainingRun).update({ id: runId }, { state: 'SUCCEEDED', finishedAt: new Date() });
    await announceProgress(scope, { tenantId: owner.id, runId });
    return recordModelVersion(scope, {
      kind,
      runId,
      artifactSha256: artifact.sha256,
      artifactBytes: artifact.bytes,
      predictionsSha256: predictions.sha256,
      driftReferenceSha256: reference?.sha256 ?? null,
      weightsSha256: kept?.sha256 ?? null,
      featureSpec: configuration.featureSpec,
      evaluation,
      baseline: baseline ?? null,
      certificate: {
        artifactSha256: artifact.sha256,
        dataFingerprint: 'd'.repeat(64),
        modelSha256: 'e'.repeat(64),
        codeVersion: '1.0.0',
        examples: { train: 10, validation: 1, test: 4 },
        device: 'cpu',
        trainSeconds: 1.5,
        comparedExamples: 5,
        maxProbabilityDifference: difference,
        tolerance: CERTIFICATE_TOLERANCE,
        metrics: evaluation,
      },
      recommendedThreshold: 0.5,
    });
  });
  return version;
}

export async function cancelledRun(owner: ApiTenant): Promise<string> {
  const runId = await startRun(owner);
  await owner.caller.data(
    'mutation ($input: CancelTrainingInput!) { cancelTraining(input: $input) { ... on CancelTrainingSuccess { run { state } } } }',
    { input: { runId } },
  );
  return runId;
}

export async function startScoring(
  owner: ApiTenant,
  input: { readonly datasetId: string; readonly modelVersionId: string },
): Promise<string> {
  const { scoreDataset } = await owner.caller.data<{ scoreDataset: { scoring: { id: string } } }>(
    'mutation ($input: ScoreDatasetInput!) { scoreDataset(input: $input) { ... on ScoreDatasetSuccess { scoring { id } } } }',
    { input },
  );
  return scoreDataset.scoring.id;
}
