import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DATASET } from '../load/operations';
import { type Tenant } from '../load/tenant';
import { ask } from './ask';
import { type Findings } from './findings';

/** Every acknowledged upload is there with the rows and the bytes that were told. */
export async function verifyUploads({ caller, ledger }: Tenant, findings: Findings): Promise<void> {
  for (const [id, told] of ledger.uploads) {
    const dataset = await ask(caller, { ...DATASET, answer: DATASET.answer.or(GONE) }, { id });
    if (dataset === 'gone' || dataset.downloadUrl === null) {
      findings.isLost(`dataset ${id}`);
      continue;
    }
    if (dataset.state !== 'READY' || dataset.rowCount !== told.rowCount || dataset.sha256 !== told.sha256)
      findings.isDamaged(`dataset ${id} is ${JSON.stringify(dataset)}, and was ${JSON.stringify(told)}`);
    const file = await caller.download(dataset.downloadUrl);
    if (!file || createHash('sha256').update(file).digest('hex') !== told.sha256)
      findings.isDamaged(`the file of dataset ${id} ${file ? 'has other bytes' : 'cannot be fetched'}`);
  }
}

/** An object that is not there is null. */
const GONE = z.null().transform(() => 'gone' as const);
