import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PrivacyKeys } from '../../platform/privacy/privacy-keys';
import { RECEIPT_FORMAT, signReceipt } from '../../services/privacy/erasure/receipt';
import { checkReceipt } from './verify-receipt';

const folder = mkdtempSync(path.join(os.tmpdir(), 'receipts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const receiptOf = (keys: PrivacyKeys) =>
  signReceipt(keys, {
    format: RECEIPT_FORMAT,
    receiptId: 'r',
    tenantId: 't',
    subject: keys.pseudonym('t', 'somebody'),
    domains: ['D'],
    requestedAt: '2026-01-01T00:00:00.000Z',
    completedAt: '2026-01-01T00:00:01.000Z',
    removed: [{ what: 'EVENTS', count: 3 }],
    datasets: [],
    modelVersions: [],
  });

describe('receipts', () => {
  it('are signed by the key that all processes share, whichever of them made it', async () => {
    const file = path.join(folder, 'shared', 'keys.json');
    const all = await Promise.all([1, 2, 3, 4].map(() => PrivacyKeys.open(file)));
    expect(new Set(all.map(({ keyId, pseudonymKeyId }) => keyId + pseudonymKeyId)).size).toBe(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [keys] = all;
    const receipt = JSON.stringify(receiptOf(keys!));
    expect(checkReceipt(receipt, keys!.publicKey)).toMatchObject({
      isSigned: true,
      content: { removed: [{ what: 'EVENTS', count: 3 }] },
    });
    expect(checkReceipt(receipt, null).isSigned).toBe(true);
    expect(checkReceipt(receipt.replace('EVENTS', 'ALL'), null)).toEqual({ isSigned: false, content: null });
    const other = await PrivacyKeys.open(path.join(folder, 'other.json'));
    expect(checkReceipt(receipt, other.publicKey).isSigned).toBe(false);
    expect(() => checkReceipt('{}', null)).toThrow(/holds no receipt/);
    expect(() => checkReceipt(receipt, 'x')).toThrow(/The key is none/);
  });

  it('name a subject by what nobody without the key can compute, and other tenants have otherwise', async () => {
    const [one, two] = [
      await PrivacyKeys.open(path.join(folder, 'one.json')),
      await PrivacyKeys.open(path.join(folder, 'two.json')),
    ];
    const names = [one.pseudonym('a', 'x'), one.pseudonym('b', 'x'), two.pseudonym('a', 'x')];
    expect(new Set(names).size).toBe(3);
    expect(one.pseudonym('a', 'x')).toBe(names[0]);
  });
});
