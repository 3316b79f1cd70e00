import { z } from 'zod';

/** The operations of the load, each with the answer that acknowledges it. */

export const KIND = 'ECOMMERCE_PURCHASE';
const id = z.object({ id: z.string() });

export const CREATE_TENANT = {
  query: `mutation ($input: CreateTenantInput!) { createTenant(input: $input) {
    ... on CreateTenantSuccess { apiKey { key } } ... on UserError { code message } } }`,
  answer: z.object({ apiKey: z.object({ key: z.string() }) }),
};

export const CONFIGURE = {
  query: `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) {
    ... on ConfigureDomainSuccess { configuration { version } } ... on UserError { code message } } }`,
  answer: z.object({ configuration: z.object({ version: z.number() }) }),
};

export const RECORD_ALL = {
  query: `mutation ($input: ConfigurePredictionLogInput!) { configurePredictionLog(input: $input) { __typename
    ... on UserError { code message } } }`,
  answer: z.object({ __typename: z.string().endsWith('Success') }),
};

export const INGEST = {
  query: `mutation ($input: IngestEventsInput!) { ingestEvents(input: $input) {
    ... on IngestEventsSuccess { accepted duplicates refused } ... on UserError { code message } } }`,
  answer: z.object({ accepted: z.number(), duplicates: z.number(), refused: z.literal(0) }),
};

export const CREATE_DATASET = {
  query: `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
    ... on CreateDatasetSuccess { dataset { id } uploadUrl } ... on UserError { code message } } }`,
  answer: z.object({ dataset: id, uploadUrl: z.string() }),
};

export const UPLOADED = z.object({ state: z.literal('READY'), rowCount: z.number(), sha256: z.string() });

export const START_TRAINING = {
  query: `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
    ... on StartTrainingSuccess { run { id } } ... on UserError { code message } } }`,
  answer: z.object({ run: id }),
};

export const CANCEL_TRAINING = {
  query: `mutation ($input: CancelTrainingInput!) { cancelTraining(input: $input) {
    ... on CancelTrainingSuccess { run { id } } ... on UserError { code message } } }`,
  answer: z.object({ run: id }),
};

export const RUN = {
  query: `query ($id: ID!) { trainingRun(id: $id) { state attempt error { code message } modelVersion { id } timeline { state } } }`,
  answer: z.object({
    state: z.string(),
    attempt: z.number(),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    modelVersion: id.nullable(),
    timeline: z.array(z.object({ state: z.string() })),
  }),
};

export const PROMOTE = {
  query: `mutation ($input: PromoteModelInput!) { promoteModel(input: $input) {
    ... on PromoteModelSuccess { champion { id } } ... on UserError { code message } } }`,
  answer: z.object({ champion: id }),
};

export const PREDICT = {
  query: `query ($input: PurchaseIntentInput!) { purchaseIntent(input: $input) {
    ... on PurchaseIntent { id probability modelVersion { id } } ... on UserError { code message } } }`,
  answer: z.object({ id: z.string(), probability: z.number(), modelVersion: id }),
};

const page = <T extends z.ZodType>(node: T) =>
  z.object({
    nodes: z.array(node),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  });

export const EVENTS = {
  query: `query ($subjectId: ID!, $after: String) { events(domain: ${KIND}, subjectId: $subjectId, first: 100, after: $after) {
    nodes { id subjectId values { name text } } pageInfo { hasNextPage endCursor } } }`,
  answer: page(z.object({ id: z.string(), subjectId: z.string() })),
};

export const EVENT_COUNT = {
  query: `{ eventStore(domain: ${KIND}) { count } }`,
  answer: z.object({ count: z.number() }),
};

export const DATASET = {
  query: `query ($id: ID!) { dataset(id: $id) { state rowCount sha256 downloadUrl } }`,
  answer: z.object({
    state: z.string(),
    rowCount: z.number().nullable(),
    sha256: z.string().nullable(),
    downloadUrl: z.string().nullable(),
  }),
};

export const RUNS = {
  query: `query ($after: String) { trainingRuns(first: 20, after: $after) { nodes { id state }
    pageInfo { hasNextPage endCursor } } }`,
  answer: page(z.object({ id: z.string(), state: z.string() })),
};

export const VERSIONS = {
  query: `query ($after: String) { modelVersions(first: 20, after: $after) { nodes { id artifactSha256 artifactUrl run { id } }
    pageInfo { hasNextPage endCursor } } }`,
  answer: page(z.object({ id: z.string(), artifactSha256: z.string(), artifactUrl: z.string(), run: id })),
};

export const PREDICTION = {
  query: `query ($id: ID!) { prediction(id: $id) { id probability modelVersion { id } } }`,
  answer: z.object({ id: z.string(), probability: z.number(), modelVersion: id }),
};

/** What a tenant is not to get of another. */
export const SOMETHING = z.object({});

export const hasEnded = (state: string): boolean => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(state);
