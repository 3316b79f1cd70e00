import { KIND, TABLE_SPEC } from '../support/api/table-dataset';
import { type ApiTenant, startTestApi, type TestApi } from '../support/api/test-api';
import { findEverywhere } from '../support/privacy/find-everywhere';
import { plant, PLANTED, SUBJECT } from '../support/privacy/planted-subject';
import { subjectWorker } from '../support/privacy/subject-worker';

let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi();
  owner = await test.tenant();
});
afterAll(() => test.close());

interface Answer {
  readonly state: string;
  readonly export: {
    readonly downloadUrl: string | null;
    readonly records: ReadonlyArray<{ readonly kind: string; readonly count: number }>;
  } | null;
}

async function exported(tenant: ApiTenant, subjectId: string): Promise<Answer & { readonly id: string }> {
  const { exportSubject } = await tenant.caller.data<{ exportSubject: { request: { id: string } } }>(
    `mutation ($input: ExportSubjectInput!) { exportSubject(input: $input) {
      ... on ExportSubjectSuccess { request { id } } } }`,
    { input: { subjectId, domain: KIND } },
  );
  const { id } = exportSubject.request;
  await subjectWorker(test).workOff();
  return { id, ...(await lookAt(tenant, id)) };
}

async function lookAt(tenant: ApiTenant, id: string): Promise<Answer> {
  const { subjectRequest } = await tenant.caller.data<{ subjectRequest: Answer }>(
    'query ($id: ID!) { subjectRequest(id: $id) { state export { downloadUrl records { kind count } } } }',
    { id },
  );
  return subjectRequest;
}

describe('the export of a subject', () => {
  it('holds everything that is kept of it and nothing of others, for administrators of the tenant alone', async () => {
    await plant(test, owner);
    const answer = await exported(owner, SUBJECT);
    expect(answer.state).toBe('SUCCEEDED');
    const url = answer.export?.downloadUrl ?? '';
    const file = await owner.caller.http(url, { method: 'GET' });
    expect(file.headers.get('cache-control')).toBe('no-store');
    const lines = (await file.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown> & { kind: string });
    const counts: Record<string, number> = {};
    for (const { kind } of lines) counts[kind] = (counts[kind] ?? 0) + 1;
    expect(counts).toEqual({
      EVENT: 10,
      INDEX: 2,
      DATASET_ROW: 20,
      HELD_OUT_PREDICTION: 1,
      SCORE: 1,
      PREDICTION: 1,
    });
    expect(
      Object.fromEntries((answer.export?.records ?? []).map(({ kind, count }) => [kind, count])),
    ).toEqual(counts);
    const events = lines.filter(({ kind }) => kind === 'EVENT');
    expect(events.every(({ values }) => (values as { note: string }).note === PLANTED)).toBe(true);
    const rows = lines.filter(({ kind }) => kind === 'DATASET_ROW');
    expect(rows.every(({ values }) => (values as { user_id: string }).user_id === SUBJECT)).toBe(true);
    expect(lines.find(({ kind }) => kind === 'PREDICTION')).toMatchObject({ outcome: { label: true } });
    expect(lines.find(({ kind }) => kind === 'SCORE')).toMatchObject({ exampleId: SUBJECT });
    const other = await test.tenant();
    expect((await other.caller.http(url, { method: 'GET' })).status).toBe(404);
    expect((await exported(other, SUBJECT)).export?.records).toEqual([]);
  });

  it('says first which columns the configuration in force marks as personal', async () => {
    const tenant = await test.tenant();
    const personal = [{ column: 'color', class: 'CONTACT' }];
    const { configureDomain } = await tenant.caller.data<{ configureDomain: { __typename: string } }>(
      'mutation ($input: ConfigureDomainInput!) { configureDomain(input: $input) { __typename } }',
      { input: { kind: KIND, featureSpec: { ...TABLE_SPEC, personal }, preset: 'TINY' } },
    );
    expect(configureDomain.__typename).toBe('ConfigureDomainSuccess');
    const answer = await exported(tenant, SUBJECT);
    const file = await tenant.caller.http(answer.export?.downloadUrl ?? '', { method: 'GET' });
    expect(JSON.parse(await file.text())).toEqual({
      kind: 'PERSONAL_COLUMNS',
      domain: KIND,
      columns: personal,
    });
  });

  it('goes with the subject, and its entry in the audit log names nobody', async () => {
    const { id } = await exported(owner, SUBJECT);
    await owner.caller.data(
      `mutation { eraseSubject(input: { subjectId: "${SUBJECT}", models: RETIRE }) { __typename } }`,
    );
    await subjectWorker(test).workOff();
    expect((await lookAt(owner, id)).export?.downloadUrl).toBeNull();
    expect((await findEverywhere(test, [PLANTED])).filter((place) => place.includes(owner.id))).toEqual([]);
    const { auditLog } = await owner.caller.data<{ auditLog: { nodes: { after: { subject: string } }[] } }>(
      '{ auditLog(filter: { actions: [SUBJECT_EXPORT_REQUESTED, SUBJECT_ERASURE_REQUESTED] }) { nodes { after } } }',
    );
    const subjects = new Set(auditLog.nodes.map(({ after }) => after.subject));
    expect([...subjects]).toEqual([expect.stringMatching(/^s_[0-9a-f]{32}$/)]);
  });
});
