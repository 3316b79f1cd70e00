import * as operations from '../load/operations';
import { type Tenant } from '../load/tenant';
import { ask, askAll } from './ask';
import { type Findings } from './findings';

/** Every acknowledged event is stored once, and nothing that was not sent. */
export async function verifyEvents({ caller, ledger, marker }: Tenant, findings: Findings): Promise<void> {
  const stored = new Map<string, number>();
  for (const subjectId of new Set(ledger.sentEvents.values()))
    for (const { id } of await askAll(caller, operations.EVENTS, { subjectId }))
      stored.set(id, (stored.get(id) ?? 0) + 1);
  for (const id of ledger.events) if (!stored.has(id)) findings.isLost(`event ${id}`);
  for (const [id, times] of stored) {
    if (times > 1) findings.isDuplicated(`event ${id} is there ${times} times`);
    if (!ledger.sentEvents.has(id)) findings.isDamaged(`event ${id} was never sent`);
  }
  const { count } = await ask(caller, operations.EVENT_COUNT);
  if (count !== stored.size)
    findings.isDamaged(`${marker} has ${stored.size} events, and the store counts ${count}`);
}
