import { type ApiCaller } from './api-caller';

/** A domain that the tests configure for rows of their own. */
export const KIND = 'ECOMMERCE_PURCHASE';

/** One row is one example, with a number, a category and a label. */
export const TABLE_SPEC = {
  shape: 'TABLE',
  label: { column: 'label' },
  features: [
    { type: 'numeric', name: 'x' },
    { type: 'categorical', name: 'color' },
  ],
};

export const TABLE_CSV = `x,color,label
1.5,red,1
2.5,blue,0
,red,1
4.0,green,0
`;

export async function configureTable(caller: ApiCaller): Promise<void> {
  const { configureDomain } = await caller.data<{ configureDomain: { __typename: string } }>(
    `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }`,
    { input: { kind: KIND, featureSpec: TABLE_SPEC, preset: 'TINY' } },
  );
  if (configureDomain.__typename !== 'ConfigureDomainSuccess')
    throw new Error('the domain was not configured');
}

export interface AnnouncedDataset {
  readonly id: string;
  readonly uploadUrl: string;
}

/** @param format what is declared of the file */
export async function announceDataset(
  caller: ApiCaller,
  name = 'rows',
  format: object | null = null,
): Promise<AnnouncedDataset> {
  const { createDataset } = await caller.data<{
    createDataset: { dataset: { id: string }; uploadUrl: string };
  }>(
    `mutation ($input: CreateDatasetInput!) {
      createDataset(input: $input) { ... on CreateDatasetSuccess { dataset { id } uploadUrl } }
    }`,
    { input: { kind: KIND, name, format } },
  );
  return { id: createDataset.dataset.id, uploadUrl: createDataset.uploadUrl };
}

/** Configures, announces and uploads: a dataset that is READY. */
export async function readyDataset(caller: ApiCaller): Promise<string> {
  await configureTable(caller);
  const { id, uploadUrl } = await announceDataset(caller);
  const response = await caller.http(uploadUrl, { method: 'PUT', body: TABLE_CSV });
  if (response.status !== 200) throw new Error(`the upload was refused: ${await response.text()}`);
  return id;
}

/** How far a dataset is, as its owner sees it. */
export async function stateOf(caller: ApiCaller, id: string): Promise<string> {
  const { dataset } = await caller.data<{ dataset: { state: string } }>(
    'query ($id: ID!) { dataset(id: $id) { state } }',
    { id },
  );
  return dataset.state;
}
