/** What a policy made of a prediction. Both objects are JSON. */
export interface Decided {
  /** Of the tenant's policy of the domain; 0: the domain's default. */
  readonly policyVersion: number;
  /** What the decision depends on beside the prediction and the policy. */
  readonly circumstances: object;
  readonly decision: object;
}

/** A recorded prediction's decision, made again. */
export interface DecidedAgain {
  readonly policyVersion: number;
  readonly decision: object;
  /** Whether it is the recorded one. */
  readonly identical: boolean;
}
