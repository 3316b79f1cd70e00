import { type PromotionAction } from './promotion.entity';

interface Decision {
  readonly modelVersionId: string;
  readonly action: PromotionAction;
}

/**
 * What serves after a history of decisions, with what it would fall back to: the last entry serves, the one
 * before it is where a rollback leads. A promotion adds an entry, a rollback takes one away, so that several
 * rollbacks in a row walk back through the history and never to what was just left.
 *
 * @param decisions oldest first
 * @returns ids of model versions
 */
export function servingStack(decisions: Iterable<Decision>): string[] {
  const stack: string[] = [];
  for (const { action, modelVersionId } of decisions) {
    if (action === 'ROLLBACK') stack.pop();
    else stack.push(modelVersionId);
  }
  return stack;
}
