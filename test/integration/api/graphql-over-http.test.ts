import { type AuditResult, serverAudits } from 'graphql-http';
import { startTestApi, type TestApi } from '../../support/api/test-api';

/** What the specification only recommends or permits and this server does not do, with the reason. */
const REFUSED_IS_400 =
  'Apollo Server answers 400 whatever the media type: what was refused is told from what was executed by the status';
const POST_ALONE = 'operations are taken by POST alone, so that no link executes anything';
const DECLINED: Readonly<Record<string, string>> = {
  '572B': REFUSED_IS_400,
  FDE2: REFUSED_IS_400,
  '5A70': POST_ALONE,
  D6D5: POST_ALONE,
  '6A70': POST_ALONE,
  '7B9B': REFUSED_IS_400,
};

let test: TestApi;

/** As any client, with a key. */
const withKey: typeof fetch = (url, init) => {
  const headers = new Headers(init?.headers);
  headers.set('authorization', `Bearer ${test.platform.key ?? ''}`);
  return fetch(url, { ...init, headers });
};

const audits = serverAudits({ url: () => test.url, fetchFn: withKey });

const told = (result: AuditResult): string => ('reason' in result ? result.reason : 'it is kept');

describe.each([
  ['executed by graphql-js', Infinity],
  ['compiled', 1],
])('GraphQL over HTTP, its operations %s', (_how, compileAt) => {
  beforeAll(async () => {
    test = await startTestApi({ compileAt });
  });
  afterAll(() => test.close());

  it.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (name, audit) => {
    const result = await audit.fn();
    const declined = DECLINED[audit.id];
    if (result.status === 'ok') {
      expect(declined).toBeUndefined();
      return;
    }
    expect([audit.id, name, told(result)]).toEqual([
      audit.id,
      expect.not.stringMatching(/^MUST/),
      expect.anything(),
    ]);
    expect([audit.id, name, told(result), declined]).toEqual([
      audit.id,
      name,
      told(result),
      expect.any(String),
    ]);
  });

  it('declines nothing that the suite does not ask for', () => {
    const ids = audits.map(({ id }) => id);
    expect(Object.keys(DECLINED).filter((id) => !ids.includes(id))).toEqual([]);
  });
});
