import { setTimeout as sleep } from 'node:timers/promises';

export interface GraphqlAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** A client that sees what any client would: HTTP alone. */
export class TestClient {
  constructor(
    readonly url: string,
    readonly apiKey: string,
  ) {}

  async send(query: string, variables: object = {}): Promise<GraphqlAnswer> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.apiKey}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphqlAnswer;
  }

  /** The one field of an operation that must not fail. */
  async field<T>(query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await this.send(query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return Object.values(data ?? {})[0] as T;
  }

  put(link: string, body: string | Uint8Array): Promise<Response> {
    return fetch(new URL(link, this.url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'text/csv' },
      body,
    });
  }

  async createTenant(slug: string): Promise<TestClient> {
    const { apiKey } = await this.field<{ apiKey: { key: string } }>(
      `mutation ($input: CreateTenantInput!) { createTenant(input: $input) {
         ... on CreateTenantSuccess { apiKey { key } } ... on UserError { code message } } }`,
      { input: { slug, name: slug } },
    );
    return new TestClient(this.url, apiKey.key);
  }

  async announceDataset(kind: string): Promise<{ id: string; uploadUrl: string }> {
    const { dataset, uploadUrl } = await this.field<{ dataset: { id: string }; uploadUrl: string }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
         ... on CreateDatasetSuccess { dataset { id } uploadUrl } ... on UserError { code message } } }`,
      { input: { kind, name: 'uploaded' } },
    );
    return { id: dataset.id, uploadUrl };
  }

  async startTraining(kind: string, datasetId: string): Promise<string> {
    const { run } = await this.field<{ run: { id: string } }>(
      `mutation ($input: StartTrainingInput!) { startTraining(input: $input) {
         ... on StartTrainingSuccess { run { id } } ... on UserError { code message } } }`,
      { input: { kind, datasetId } },
    );
    return run.id;
  }

  /** Polls a run until it is as wanted. */
  async runUntil(id: string, wanted: (run: RunAnswer) => boolean): Promise<RunAnswer> {
    for (;;) {
      const run = await this.field<RunAnswer>(
        `query ($id: ID!) { trainingRun(id: $id) {
           state attempt epochs { epoch trainLoss } error { code message } modelVersion { id } } }`,
        { id },
      );
      if (wanted(run)) return run;
      await sleep(100);
    }
  }

  /** However good it is: the models of these tests are small. */
  async promote(modelVersionId: string): Promise<void> {
    await this.field(
      `mutation ($input: PromoteModelInput!) { promoteModel(input: $input) {
         ... on PromoteModelSuccess { champion { id } } ... on UserError { code message } } }`,
      { input: { modelVersionId, baselineOverride: { reason: 'a small model of a test' } } },
    );
  }
}

export interface RunAnswer {
  readonly state: string;
  readonly attempt: number;
  readonly epochs: readonly { readonly epoch: number; readonly trainLoss: number }[];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly modelVersion: { readonly id: string } | null;
}

export const hasEnded = (run: RunAnswer): boolean => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(run.state);
