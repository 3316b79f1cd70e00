import { z } from 'zod';

/** The operations that the demo sends, each with the shape of the answer that it needs. */

const id = z.object({ id: z.string() });

export const VIEWER = {
  document: 'query { viewer { tenant { id } } }',
  answer: z.object({ tenant: id.nullable() }),
};

export const CREATE_TENANT = {
  document: `mutation ($input: CreateTenantInput!) {
    createTenant(input: $input) {
      ... on CreateTenantSuccess { tenant { id slug } apiKey { key } }
      ... on UserError { code message }
    }
  }`,
  answer: z.object({
    tenant: z.object({ id: z.string(), slug: z.string() }),
    apiKey: z.object({ key: z.string() }),
  }),
};

export const CREATE_DATASET = {
  document: `mutation ($input: CreateDatasetInput!) {
    createDataset(input: $input) {
      ... on CreateDatasetSuccess { dataset { id } uploadUrl }
      ... on UserError { code message }
    }
  }`,
  answer: z.object({ dataset: id, uploadUrl: z.string() }),
};

export const START_TRAINING = {
  document: `mutation ($input: StartTrainingInput!) {
    startTraining(input: $input) {
      ... on StartTrainingSuccess { run { id } }
      ... on UserError { code message }
    }
  }`,
  answer: z.object({ run: id }),
};

export const TRAINING_RUN = {
  document: `query ($id: ID!) {
    trainingRun(id: $id) {
      state device startedAt finishedAt queuePosition
      progress { epoch maxEpochs step totalSteps loss etaSeconds }
      epochs { epoch validationLoss validationRocAuc }
      error { code message }
      modelVersion { id }
    }
  }`,
  answer: z.object({
    state: z.string(),
    device: z.string().nullable(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
    queuePosition: z.number().nullable(),
    progress: z
      .object({
        epoch: z.number(),
        maxEpochs: z.number(),
        step: z.number(),
        totalSteps: z.number(),
        loss: z.number(),
        etaSeconds: z.number(),
      })
      .nullable(),
    epochs: z.array(
      z.object({ epoch: z.number(), validationLoss: z.number(), validationRocAuc: z.number().nullable() }),
    ),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    modelVersion: id.nullable(),
  }),
};

export type RunView = z.infer<typeof TRAINING_RUN.answer>;

export const PROMOTE_MODEL = {
  document: `mutation ($input: PromoteModelInput!) {
    promoteModel(input: $input) {
      ... on PromoteModelSuccess { champion { id } }
      ... on UserError { code message }
    }
  }`,
  answer: z.object({ champion: id }),
};

const metric = z.number().nullable();

export const MODEL_VERSION = {
  document: `query ($id: ID!) {
    modelVersion(id: $id) {
      id number artifactSha256 predictionsUrl
      certificate { device trainSeconds examples { train validation test } }
      evaluation { accuracy recall precision f1 rocAuc prAuc logLoss brier ece threshold }
    }
  }`,
  answer: z.object({
    id: z.string(),
    number: z.number(),
    artifactSha256: z.string(),
    predictionsUrl: z.string(),
    certificate: z.object({
      device: z.string(),
      trainSeconds: z.number(),
      examples: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
    }),
    evaluation: z.object({
      accuracy: metric,
      recall: metric,
      precision: metric,
      f1: metric,
      rocAuc: metric,
      prAuc: metric,
      logLoss: metric,
      brier: metric,
      ece: metric,
      threshold: z.number(),
    }),
  }),
};

export type ModelVersionView = z.infer<typeof MODEL_VERSION.answer>;
