import { randomBytes } from 'node:crypto';
import { withOwner } from '../../src/platform/persistence/owner-connection';
import { unreferenced } from '../../src/services/privacy/unreferenced';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { plant } from '../support/privacy/planted-subject';

/** Where rows keep what they need of the object store: an object goes only when none of these has it any more. */
const KEPT: Readonly<Record<string, readonly string[][]>> = {
  'datasets.sha256': [[]],
  'dataset_profiles.sha256': [[]],
  'dataset_profiles.quarantine_sha256': [[]],
  'model_versions.artifact_sha256': [[]],
  'model_versions.predictions_sha256': [[]],
  'model_versions.drift_reference_sha256': [[]],
  'model_versions.weights_sha256': [[]],
  'model_versions.explainer': [['sha256']],
  'jobs.result': [
    ['scores', 'sha256'],
    ['ranking', 'sha256'],
    ['quarantine', 'sha256'],
  ],
  'subject_requests.result': [['sha256']],
};

/** Digests of objects that may go all the same. */
const NAMED: readonly string[] = [
  // The file as it came, of which the object store never had more than the cleaned one.
  'datasets.received_sha256',
  // What is to be removed.
  'object_garbage.sha256',
  'subject_requests.progress',
  // The version that answered, which has its own row.
  'predictions.artifact_sha256',
  // Files of entities as a run began with them: open jobs keep those datasets from going, and these have the file.
  'jobs.entities',
];

/** Documents that name no object of the store. */
const CONTENT: readonly string[] = [
  'audit_entries.after',
  'audit_entries.before',
  'challenger_trials.figures',
  'cleaning_decisions.proposal',
  'dataset_mappings.decisions',
  'datasets.column_sketches',
  'datasets.columns',
  'datasets.declared_format',
  'datasets.format',
  'datasets.quarantine_sample',
  'datasets.rejection',
  'domain_configurations.feature_spec',
  'domain_configurations.model_config',
  'drift_reports.report',
  'events.cells',
  'identity_providers.role_mapping',
  'jobs.cleaning',
  'jobs.epochs',
  'jobs.mapping',
  'jobs.overrides',
  'jobs.preparation',
  'jobs.progress',
  'jobs.timeline',
  'jobs.warm_start',
  'model_versions.baseline',
  'model_versions.certificate',
  'model_versions.evaluation',
  'model_versions.feature_spec',
  'model_versions.rate_intervals',
  'monitors.states',
  'policies.document',
  'prediction_decisions.circumstances',
  'prediction_decisions.decision',
  'predictions.categories',
  'training_studies.plan',
  'webhooks.events',
  'workers.devices',
];

let test: TestApi;
let owner: ApiTenant;

beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
  await plant(test, owner);
  await owner.caller.data('mutation { exportSubject(input: { subjectId: "u2" }) { __typename } }');
});
afterAll(() => test.close());

// A column that is missing here is new: where it names objects, it belongs into KEPT and into `unreferenced`.
it('is known of every column, whether it keeps an object from being removed', async () => {
  const { rows } = await withOwner(test.ownerUrl, (connection) =>
    connection.query<{ name: string }>(
      `SELECT c.table_name || '.' || c.column_name AS name FROM information_schema.columns c
        WHERE c.table_schema = 'public'
          AND (c.data_type IN ('json', 'jsonb') OR c.column_name ~ '(sha256|digest)')
        ORDER BY 1`,
    ),
  );
  const found = rows.map(({ name }) => name).sort();
  expect(found).toEqual([...Object.keys(KEPT), ...NAMED, ...CONTENT].sort());
});

it.each(Object.entries(KEPT).flatMap(([name, paths]) => paths.map((path) => ({ name, path }))))(
  'stays while $name has it at $path',
  async ({ name, path }) => {
    const digest = randomBytes(32).toString('hex');
    const [table = '', column = ''] = name.split('.');
    const which =
      table === 'jobs' ? `type = 'SCORING'` : table === 'subject_requests' ? `type = 'EXPORT'` : 'true';
    const value = path.length === 0 ? '$2::text' : nested(path);
    await withOwner(test.ownerUrl, (connection) =>
      connection.query(`UPDATE ${table} SET ${column} = ${value} WHERE tenant_id = $1 AND ${which}`, [
        owner.id,
        digest,
      ]),
    );
    const other = randomBytes(32).toString('hex');
    expect(await test.database.inTenant(owner.id, (scope) => unreferenced(scope, [digest, other]))).toEqual([
      other,
    ]);
  },
);

/** A document with `$2` at a path. */
const nested = (path: readonly string[]): string =>
  path.reduceRight((inner, key) => `jsonb_build_object('${key}', ${inner})`, '$2::text');
