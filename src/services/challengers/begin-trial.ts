import { randomUUID } from 'node:crypto';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { Challenger } from './challenger.entity';
import { ChallengerTrial } from './challenger-trial.entity';

/** Begins the next trial of a challenger: what the one before has shown is kept, and not mixed with it. */
export async function beginTrial(
  scope: TenantScope,
  { id: challengerId, trialId: before }: Pick<Challenger, 'id' | 'trialId'>,
  conditions: Pick<ChallengerTrial, 'mode' | 'share' | 'championVersionId'>,
): Promise<ChallengerTrial> {
  const trials = scope.repository(ChallengerTrial);
  const { number = 0 } = (await trials.get(before)) ?? {};
  const trial = await trials.insert({ id: randomUUID(), challengerId, number: number + 1, ...conditions });
  await scope.repository(Challenger).update({ id: challengerId }, { trialId: trial.id });
  return trial;
}
