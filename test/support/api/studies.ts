import { KIND } from './table-dataset';
import { type ApiTenant } from './test-api';

export interface StartedStudy {
  readonly __typename: string;
  readonly study?: { readonly id: string };
  readonly message?: string;
  readonly issues?: ReadonlyArray<{ readonly path: string; readonly message: string }>;
}

export async function startStudy(owner: ApiTenant, input: object): Promise<StartedStudy> {
  const { startStudy } = await owner.caller.data<{ startStudy: StartedStudy }>(
    `mutation ($input: StartStudyInput!) { startStudy(input: $input) { __typename
      ... on StartStudySuccess { study { id } } ... on UserError { message } ... on InvalidInput { issues { path message } } } }`,
    { input: { kind: KIND, ...input } },
  );
  return startStudy;
}

/** A cross-validation of two folds, whose id is returned. */
export async function startedStudy(owner: ApiTenant, datasetId: string): Promise<string> {
  const { study } = await startStudy(owner, { datasetId, crossValidation: { folds: 2 } });
  return study?.id ?? '';
}

interface Judged {
  readonly logLoss: number;
  readonly rocAuc: number;
  readonly count: number;
}
interface Trial {
  readonly number: number;
  readonly state: string;
  readonly fold: number | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly epochs: number | null;
  readonly validation: Judged | null;
  readonly test: Judged | null;
  readonly run: {
    readonly id: string;
    readonly state: string;
    readonly priority: string;
    readonly trialNumber: number;
    readonly studyId: string;
    readonly exactConfiguration: { readonly modelConfig: Readonly<Record<string, unknown>> };
    readonly modelVersion: { readonly id: string } | null;
  };
}
/** As its owner sees it. */
export interface Study {
  readonly method: string;
  readonly state: string;
  readonly error: string | null;
  readonly finishedAt: string | null;
  readonly search: { readonly seed: number } | null;
  readonly trials: readonly Trial[];
  readonly comparison: {
    readonly ranking: ReadonlyArray<{ readonly number: number }>;
    readonly metrics: ReadonlyArray<{
      readonly metric: string;
      readonly count: number;
      readonly mean: number;
      readonly standardDeviation: number;
    }>;
  };
  readonly best: { readonly number: number } | null;
  readonly refitRun: {
    readonly id: string;
    readonly state: string;
    readonly trialNumber: null;
    readonly exactConfiguration: { readonly modelConfig: Readonly<Record<string, unknown>> };
    readonly modelVersion: { readonly id: string; readonly number: number } | null;
  } | null;
}

const EVALUATION = '{ logLoss rocAuc count }';

export async function lookAtStudy(owner: ApiTenant, id: string): Promise<Study> {
  const { trainingStudy } = await owner.caller.data<{ trainingStudy: Study }>(
    `query ($id: ID!) { trainingStudy(id: $id) { method state error finishedAt search { seed }
      trials { number state fold parameters epochs validation ${EVALUATION} test ${EVALUATION}
        run { id state priority trialNumber studyId exactConfiguration { modelConfig } modelVersion { id } } }
      comparison { ranking { number } metrics { metric count mean standardDeviation } }
      best { number } refitRun { id state trialNumber exactConfiguration { modelConfig } modelVersion { id number } } } }`,
    { id },
  );
  return trainingStudy;
}

/** What changes studies, as the audit log is to have it. */
export const studyCalls = (owner: () => ApiTenant, uploaded: () => Promise<string>) => ({
  startStudy: async () => ({
    input: { kind: KIND, datasetId: await uploaded(), crossValidation: { folds: 2 } },
    action: 'STUDY_STARTED' as const,
  }),
  cancelStudy: async () => {
    const objectId = await startedStudy(owner(), await uploaded());
    return { input: { studyId: objectId }, action: 'STUDY_CANCELLED' as const, objectId };
  },
});
