import { type ApiCaller } from './api-caller';
import { KIND } from './table-dataset';

/** Events that look at items, which are in a file of their own. */
export const ENTITY_SPEC = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { column: 'bought' },
  entities: [{ name: 'items', key: 'item', idColumn: 'sku', validFromColumn: 'since' }],
  features: [
    { type: 'numeric', name: 'price', column: 'items.price' },
    { type: 'multi', name: 'tags', column: 'items.tags', separator: '|' },
    { type: 'derived', name: 'ofBrand', aggregate: 'count', by: ['user', 'items.brand'] },
  ],
  sequence: {
    maxLength: 4,
    fields: [
      { type: 'categorical', name: 'brand', column: 'items.brand' },
      { type: 'elapsed', name: 'ago' },
    ],
  },
};
/** In these, the item decides. */
export const EVENTS = [
  'user,at,kind,item,bought',
  ...Array.from({ length: 400 }, (_, i) => {
    const at = new Date(Date.UTC(2024, 0, 1) + i * 3_600_000).toISOString();
    return `u${i % 37},${at},view,${i % 50 === 0 ? '' : `i${i % 11}`},${i % 11 < 5 ? 1 : 0}`;
  }),
].join('\n');
/** Known by another name for its id, with a copy, a contradiction and an item that nobody looks at. */
export const ITEMS = [
  'sku,price,brand,tags,since',
  ...Array.from({ length: 10 }, (_, i) => `i${i},${i < 5 ? 1 : 9},b${i % 3},new|t${i % 2},2023-01-01`),
  'i0,1,b0,new|t0,2023-01-01',
  'i0,5,b0,new|t0,2030-01-01',
  'i99,1,b0,x,2023-01-01',
  'i98,1,b0,x,2023-01-01',
  'i98,2,b0,x,2023-01-01',
].join('\n');

export const CREATE = `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { __typename
  ... on CreateDatasetSuccess { uploadUrl dataset { id entity } } ... on InvalidInput { issues { path message } } } }`;

interface Created {
  readonly uploadUrl: string;
  readonly dataset: { readonly id: string; readonly entity: string | null };
}

/** Uploads a file of events, or of an entity. @returns the dataset's id */
export async function receivedFile(
  caller: ApiCaller,
  content: string,
  entity: string | null,
): Promise<string> {
  const { createDataset } = await caller.data<{ createDataset: Created }>(CREATE, {
    input: { kind: KIND, name: 'file', entity },
  });
  expect(createDataset.dataset.entity).toBe(entity);
  const response = await caller.http(createDataset.uploadUrl, { method: 'PUT', body: content });
  expect([response.status, await response.clone().text()]).toEqual([200, expect.any(String)]);
  return createDataset.dataset.id;
}
