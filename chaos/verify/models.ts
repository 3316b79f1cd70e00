import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as operations from '../load/operations';
import { type Tenant } from '../load/tenant';
import { askAll } from './ask';
import { type Findings } from './findings';

const PREDICTION_TIMEOUT_MS = 60_000;

/** Every version, those that were promoted first of all, has the artifact whose digest it names, and predicts as champion. */
export async function verifyModels(tenant: Tenant, findings: Findings): Promise<void> {
  const { caller, ledger } = tenant;
  const versions = new Map(
    (await askAll(caller, operations.VERSIONS)).map((version) => [version.id, version]),
  );
  for (const id of ledger.promotions) if (!versions.has(id)) findings.isLost(`version ${id}`);
  for (const [id, version] of versions) {
    const artifact = await caller.download(version.artifactUrl);
    const digest = artifact && createHash('sha256').update(artifact).digest('hex');
    if (digest !== version.artifactSha256)
      findings.isDamaged(`the artifact of version ${id} has digest ${digest}, not ${version.artifactSha256}`);
    if (!(await predictsWhenPromoted(tenant, id))) findings.isDamaged(`version ${id} does not predict`);
  }
}

async function predictsWhenPromoted(tenant: Tenant, id: string): Promise<boolean> {
  for (const deadline = Date.now() + PREDICTION_TIMEOUT_MS; Date.now() < deadline;) {
    await tenant.promote(id);
    if ((await tenant.predict()) === id) return true;
    await sleep(500);
  }
  return false;
}

/** Every prediction whose id was told is recorded, as it was told. */
export async function verifyPredictions({ caller, ledger }: Tenant, findings: Findings): Promise<void> {
  const { PREDICTION } = operations;
  for (const [id, probability] of ledger.predictions) {
    const recorded = await asked(() => caller.field(PREDICTION.query, { id }, PREDICTION.answer));
    if (!recorded) findings.isLost(`prediction ${id}`);
    else if (recorded.probability !== probability)
      findings.isDamaged(`prediction ${id} is ${recorded.probability}, and was ${probability}`);
  }
}

async function asked<T>(ask: () => Promise<T | null>): Promise<T | null> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(500);
  }
  return null;
}
