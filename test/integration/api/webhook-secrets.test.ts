import { MasterKeys } from '../../../src/platform/encryption/master-keys';
import { TenantKeys } from '../../../src/platform/encryption/tenant-keys';
import { secretContext } from '../../../src/services/monitoring/webhooks/webhook-secrets';
import { type ApiTenant, startTestApi, type TestApi } from '../../support/api/test-api';

const masterKey = Buffer.alloc(32, 7).toString('base64');
const keys = new TenantKeys(new MasterKeys({ masterKey, masterKeyFile: null, dataDirectory: '' }));
let test: TestApi;
let owner: ApiTenant;
beforeAll(async () => {
  test = await startTestApi({ config: { masterKey } });
});
beforeEach(async () => {
  owner = await test.tenant();
});
afterAll(() => test.close());

interface Made {
  readonly id: string;
  readonly secret: string;
}

async function made(url: string): Promise<Made> {
  const { setWebhook } = await owner.caller.data<{ setWebhook: { secret: string; webhook: { id: string } } }>(
    `mutation ($input: SetWebhookInput!) { setWebhook(input: $input) {
      ... on SetWebhookSuccess { secret webhook { id } } } }`,
    { input: { url } },
  );
  return { id: setWebhook.webhook.id, secret: setWebhook.secret };
}

const stored = (id: string): Promise<string> =>
  test.database.inTenant(owner.id, async (scope) => {
    const [row] = await scope.query<{ secret: string }>('SELECT secret FROM webhooks WHERE id = $1', [id]);
    return row?.secret ?? '';
  });

const opened = (text: string, id: string): Promise<string> =>
  test.database.inTenant(owner.id, (scope) => keys.open(scope, text, secretContext(id)));

const rotate = async (note?: string): Promise<object> =>
  (
    await owner.caller.data<{ rotateEncryptionKey: object }>(
      `mutation ($input: RotateEncryptionKeyInput!) { rotateEncryptionKey(input: $input) { __typename
        ... on RotateEncryptionKeySuccess { keyId previousKeyId resealed } } }`,
      { input: { note } },
    )
  ).rotateEncryptionKey;

describe('a webhook’s secret', () => {
  it('is told once and sealed in the database, for this webhook alone', async () => {
    const [one, other] = [await made('https://example.com/one'), await made('https://example.com/other')];
    const text = await stored(one.id);
    expect(text).toMatch(/^sealed:/);
    expect(text).not.toContain(one.secret);
    expect(await opened(text, one.id)).toBe(one.secret);
    await expect(opened(text, other.id)).rejects.toThrow();
  });

  it('stays when the key is rotated, also one from before there was encryption', async () => {
    const [one, plain] = [await made('https://example.com/one'), await made('https://example.com/plain')];
    await test.database.inTenant(owner.id, (scope) =>
      scope.query('UPDATE webhooks SET secret = $2 WHERE id = $1', [plain.id, plain.secret]),
    );
    const before = await stored(one.id);
    const answer = await rotate('once a year');
    for (const { id, secret } of [one, plain]) {
      const text = await stored(id);
      expect(answer).toMatchObject({
        keyId: text.split(':')[1],
        previousKeyId: before.split(':')[1],
        resealed: 2,
      });
      expect(await opened(text, id)).toBe(secret);
    }
    expect(await opened(before, one.id)).toBe(one.secret);
  });

  it('is not needed for a first key, and a note that is too long makes none', async () => {
    expect(await rotate()).toMatchObject({ previousKeyId: null, resealed: 0 });
    expect(await rotate('x'.repeat(201))).toEqual({ __typename: 'InvalidInput' });
  });
});
