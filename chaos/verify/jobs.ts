import * as operations from '../load/operations';
import { type Tenant } from '../load/tenant';
import { ask, askAll } from './ask';
import { type Findings } from './findings';

/** What is said of a run whose processes died, as often as one may. */
const POISON = /^\d+ executions of this run ended before it did/;

/** Every run, acknowledged or not, came to one final state, and brought forth one version where it succeeded and else none. None failed but by the deaths of its processes. */
export async function verifyJobs(
  { caller, ledger }: Tenant,
  findings: Findings,
): Promise<Record<string, number>> {
  const ended: Record<string, number> = {};
  const listed = (await askAll(caller, operations.RUNS)).map(({ id }) => id);
  const versions = await askAll(caller, operations.VERSIONS);
  for (const id of ledger.runs) if (!listed.includes(id)) findings.isLost(`run ${id}`);
  if (new Set(listed).size !== listed.length) findings.isDuplicated('a run is listed twice');
  for (const id of new Set(listed)) {
    const { state, timeline, error } = await ask(caller, operations.RUN, { id });
    const reason = state === 'FAILED' ? `FAILED ${error?.code}` : state;
    ended[reason] = (ended[reason] ?? 0) + 1;
    if (state === 'FAILED' && !POISON.test(error?.message ?? ''))
      findings.isDamaged(`run ${id} failed: ${error?.code} ${error?.message}`);
    const ends = timeline.filter((phase) => operations.hasEnded(phase.state)).map((phase) => phase.state);
    if (!operations.hasEnded(state)) findings.isLost(`run ${id} is ${state}`);
    else if (ends.length !== 1 || timeline.at(-1)?.state !== state)
      findings.isDuplicated(`run ${id} is ${state} and ended as ${ends.join(', ')}`);
    const made = versions.filter(({ run }) => run.id === id).length;
    if (made > 1) findings.isDuplicated(`run ${id} has ${made} versions`);
    if (made === 0 && state === 'SUCCEEDED') findings.isLost(`the version of run ${id}`);
    if (made > 0 && state !== 'SUCCEEDED') findings.isDamaged(`run ${id} is ${state} and has a version`);
  }
  return ended;
}
