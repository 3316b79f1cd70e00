import { type ApiCaller } from './api-caller';

/** A policy that decides the same about everybody. */
export const everybody = (decision: string) => ({ bands: [{ name: 'all', from: 0, below: 1, decision }] });

/** Approves below the first bound, reviews below the second, declines the rest. */
export const threeBands = (approve: number, review: number) => ({
  bands: [
    { name: 'good', from: 0, below: approve, decision: 'APPROVE', maximumLimit: 5_000 },
    { name: 'fair', from: approve, below: review, decision: 'REVIEW', maximumLimit: 1_000 },
    { name: 'poor', from: review, below: 1, decision: 'DECLINE' },
  ],
});

/** Returns its id. */
export async function draftRiskPolicy(caller: ApiCaller, policy: object, note?: string): Promise<string> {
  const { draftRiskPolicy } = await caller.data<{ draftRiskPolicy: { policy: { id: string } } }>(
    `mutation ($input: DraftRiskPolicyInput!) {
      draftRiskPolicy(input: $input) { ... on DraftRiskPolicySuccess { policy { id } } }
    }`,
    { input: { policy, note } },
  );
  return draftRiskPolicy.policy.id;
}

export async function activatePolicy(caller: ApiCaller, policyId: string): Promise<void> {
  const { activatePolicy } = await caller.data<{ activatePolicy: { __typename: string } }>(
    'mutation ($policyId: ID!) { activatePolicy(input: { policyId: $policyId }) { __typename } }',
    { policyId },
  );
  if (activatePolicy.__typename !== 'ActivatePolicySuccess') throw new Error('it was not activated');
}
