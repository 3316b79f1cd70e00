import { discoverDomains } from '../../../src/app/discover-domains';
import { type ArtifactTensor } from '../../../src/learning/export/artifact-inputs';
import { type Database } from '../../../src/platform/persistence/database';
import { SubjectHistories } from '../../../src/services/events/subject-histories';
import { PredictionLog } from '../../../src/services/prediction/log/prediction-log';
import { PredictionService } from '../../../src/services/prediction/prediction.service';

const domain = discoverDomains().find(({ kind }) => kind === 'FINANCIAL_RISK');
if (!domain) throw new Error('there is no domain of credit risk');
export const RISK_SPEC = domain.featureSpec;

const FIELDS = RISK_SPEC.sequence?.fields.length ?? 0;
const STEPS = RISK_SPEC.sequence?.maxLength ?? 0;

/** A model whose probability of default is the debt-to-income ratio, and which says that of each example. */
export const riskModel = { explains: true, versionId: 'version', recordShare: 0 };

export function riskPredictions(database: Database): PredictionService {
  return new PredictionService({
    champions: {
      current: (tenantId) =>
        Promise.resolve({
          version: { id: riskModel.versionId, number: 1, createdAt: new Date(0) },
          artifact: { tenantId, sha256: 'a'.repeat(64) },
          explainer: riskModel.explains
            ? { key: { tenantId, sha256: 'explainer' }, certificate: EXPLAINER }
            : null,
          spec: RISK_SPEC,
          threshold: 0.5,
          recordShare: riskModel.recordShare,
        }),
    },
    pool: {
      run: ({ sha256 }, inputs) =>
        Promise.resolve(sha256 === 'explainer' ? explanation(inputs) : scores(inputs)),
    },
    histories: new SubjectHistories(database),
    log: new PredictionLog(database),
  });
}

const EXPLAINER = {
  sha256: 'explainer',
  steps: 16,
  baselineLogit: -0.375,
  baselineLength: 2,
  comparedExamples: 10,
  maxError: 0.01,
  tolerance: 0.02,
  maxProbabilityDifference: 0,
} as const;

type Inputs = Readonly<Record<string, ArtifactTensor>>;

function scores(inputs: Inputs): Record<string, Float32Array> {
  const probability = Float32Array.from((inputs['f_debtToIncome']?.data ?? []) as Float32Array, (ratio) =>
    Number.isNaN(ratio) ? 0.01 : ratio,
  );
  return { probability, logit: probability.map((p) => Math.log(p / (1 - p))) };
}

/** Inquiries add 0.5, debt adds 1, income takes 2 away; of the first event, utilization adds 0.25, of the second 0.5. */
function explanation(inputs: Inputs): Record<string, Float32Array> {
  const count = inputs['f_debtToIncome']?.dims[0] ?? 0;
  const features = RISK_SPEC.features.map(
    ({ name }) => ({ income: -2, debtToIncome: 1, inquiries: 0.5 })[name] ?? 0,
  );
  const events = new Array<number>(STEPS * FIELDS).fill(0);
  const utilization = RISK_SPEC.sequence?.fields.findIndex(({ name }) => name === 'utilization') ?? 0;
  events[utilization] = 0.25;
  events[FIELDS + utilization] = 0.5;
  const each = (values: readonly number[]) =>
    Float32Array.from(Array.from({ length: count }, () => values).flat());
  return {
    logit: each([0]),
    baseline: each([-0.375]),
    features: each(features),
    events: each(events),
    length: each([0.125]),
  };
}
