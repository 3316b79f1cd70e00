import { createHash } from 'node:crypto';
import { hasEnded, type TestClient } from './client';
import { until } from '../training/until';

/** What the tests of hostile files share: good files to spoil, and the way of each from upload to training. */
export const KIND = 'ECOMMERCE_PURCHASE';
const ROWS = 400;

const LOOK = `query ($id: ID!) { dataset(id: $id) { state rowCount quarantinedCount
  rejection { code message } mapping { isComplete }
  profile { __typename ... on DatasetProfile { rowCount quarantinedCount } ... on UserError { code message } }
  quarantine { __typename ... on DatasetQuarantine { count reasons { reason count } } ... on UserError { code message } } } }`;
const START = `mutation ($input: StartTrainingInput!) { startTraining(input: $input) { __typename
  ... on StartTrainingSuccess { run { id } } ... on UserError { code message } } }`;
const PREPARATION = `query ($id: ID!) { trainingRun(id: $id) { preparation { rows quarantined later duplicates used moments
  examples censored embargoed unassigned entities { name rows matched unmatched withoutKey } } } }`;
export const CLEANING = `query ($id: ID!) { dataset(id: $id) { cleaning { __typename
  ... on DatasetCleaning { proposals { id kind rowsAffected } } ... on UserError { code message } } } }`;

export interface Looked {
  readonly state: string;
  readonly rowCount: number | null;
  readonly quarantinedCount: number | null;
  readonly rejection: { readonly code: string; readonly message: string } | null;
  readonly mapping: { readonly isComplete: boolean } | null;
  readonly profile: {
    readonly __typename: string;
    readonly rowCount?: number;
    readonly quarantinedCount?: number;
  };
  readonly quarantine: { readonly __typename: string; readonly count?: number };
}
interface Started {
  readonly __typename: string;
  readonly run?: { readonly id: string };
  readonly code?: string;
  readonly message?: string;
}
export type Counts = Readonly<
  Record<
    | 'rows'
    | 'quarantined'
    | 'later'
    | 'duplicates'
    | 'used'
    | 'moments'
    | 'examples'
    | 'censored'
    | 'embargoed'
    | 'unassigned',
    number
  >
> & {
  readonly entities: ReadonlyArray<Readonly<Record<'rows' | 'matched' | 'unmatched' | 'withoutKey', number>>>;
};

export const TABLE = {
  shape: 'TABLE',
  label: { column: 'label' },
  features: [
    { type: 'numeric', name: 'x' },
    { type: 'categorical', name: 'color' },
  ],
};
export const EVENTS = {
  shape: 'EVENTS',
  subjectColumn: 'user',
  timeColumn: 'at',
  kindColumn: 'kind',
  momentKinds: ['view'],
  label: { event: 'buy', within: { minutes: 600 } },
  features: [{ type: 'numeric', name: 'price' }],
};
export const HEADER = 'x,color,label';
const tableRow = (i: number): string =>
  `${i % 17},${['red', 'blue', 'green'][i % 3]},${(i * 7) % 5 < 2 ? 1 : 0}`;
export const table = (
  replace: (row: string, i: number) => string | Buffer = (row) => row,
  header = HEADER,
): Buffer =>
  Buffer.concat(
    [header, ...Array.from({ length: ROWS }, (_, i) => replace(tableRow(i), i))].map((line) =>
      Buffer.concat([Buffer.from(line), Buffer.from('\n')]),
    ),
  );
export const momentOf = (i: number): string => new Date(Date.UTC(2024, 0, 13) + i * 1_800_000).toISOString();
export const events = (
  write: (iso: string, i: number) => string = (iso) => iso,
  header = 'user,at,kind,price',
): string =>
  [
    header,
    ...Array.from(
      { length: ROWS },
      (_, i) => `u${i % 9},${write(momentOf(i), i)},${i % 4 === 3 ? 'buy' : 'view'},${i % 23}`,
    ),
    '',
  ].join('\n');

let tenants = 0;
/** A new tenant whose domain is configured so. */
export async function tenantOf(admin: TestClient, featureSpec: object): Promise<TestClient> {
  const tenant = await admin.createTenant(`hostile-${(tenants += 1)}`);
  const configured = await tenant.field(
    `mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename
      ... on InvalidConfiguration { issues { path message } } } }`,
    { input: { kind: KIND, featureSpec, preset: 'TINY' } },
  );
  expect(configured).toEqual({ __typename: 'ConfigureDomainSuccess' });
  return tenant;
}

/** What is told of a dataset once its profile is made. */
export async function lookAt(tenant: TestClient, id: string): Promise<Looked> {
  return until(
    () => tenant.field<Looked>(LOOK, { id }),
    ({ profile, quarantine }) =>
      ![profile, quarantine].some(({ __typename: type }) => type === 'ProfilePending'),
    100_000,
  );
}

export const start = (tenant: TestClient, datasetId: string, more: object = {}): Promise<Started> =>
  tenant.field<Started>(START, { input: { kind: KIND, datasetId, ...more } });

/** Trains to the end. Every row is somewhere. */
export async function train(tenant: TestClient, datasetId: string, more: object = {}): Promise<Counts> {
  const started = await start(tenant, datasetId, more);
  expect(started).toMatchObject({ __typename: 'StartTrainingSuccess' });
  const id = started.run?.id ?? '';
  const run = await tenant.runUntil(id, hasEnded);
  expect(run).toMatchObject({ state: 'SUCCEEDED', error: null });
  const { preparation } = await tenant.field<{ preparation: Counts }>(PREPARATION, { id });
  const { rows, quarantined, later, duplicates, used } = preparation;
  expect(quarantined + later + duplicates + used).toBe(rows);
  const { moments, examples, censored, embargoed, unassigned } = preparation;
  expect(examples + censored + embargoed + unassigned).toBe(moments);
  return preparation;
}

export const digestOf = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** An answer says what is wrong, and nothing of how we found out. */
export const expectPlain = (message: string | undefined): void =>
  expect(message).not.toMatch(/duckdb|select |stack|\/tmp|node_modules/i);
