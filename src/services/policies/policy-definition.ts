import { type ZodType } from 'zod';
import { type ExampleRecord } from '../../learning/features/raw-from-records';
import { type PastExamples } from './past-examples';

/** A prediction that a policy decides about. */
export interface DecisionQuestion {
  readonly probability: number;
  /** As the model saw it. */
  readonly record: ExampleRecord;
  /** What the decision depends on beside these: JSON, kept with a recorded prediction. */
  readonly circumstances: object;
}

/**
 * What a domain's policy is: the numbers that a tenant decides by, such as thresholds, costs, caps and bands.
 *
 * @typeParam Policy a document as it is used, complete with its defaults; JSON
 * @typeParam Figures what a policy would have done
 */
export interface PolicyDefinition<Policy extends object = object, Figures extends object = object> {
  /** The domain's. */
  readonly kind: string;
  /**
   * Strict: keys that it does not know are errors. What is left out gets its default, which must go on meaning the same:
   * stored documents are read with it. Whatever contradicts itself is an issue at its path.
   */
  readonly schema: ZodType<Policy>;
  /** In force until a tenant activates its own; as a tenant would write it. */
  readonly standard: object;
  /** Features, by the names of the specification, whose past values `preview` looks at. */
  featuresOf?(policy: Policy): readonly string[];
  /** What the policy would have decided about examples whose outcome is known, and what would have come of it. */
  preview(policy: Policy, past: PastExamples): Figures;
  /**
   * What the policy decides about one prediction: JSON, and the same again from the same question, because it is kept and
   * replayed. Absent where it decides about several at once only.
   */
  decide?(policy: Policy, question: DecisionQuestion): object;
}

/** A policy that decides, and which of the tenant's it is. */
export interface ActivePolicy<Policy> {
  /** Null: the domain's default. */
  readonly id: string | null;
  /** 1, 2, 3 …; 0: the domain's default. */
  readonly version: number;
  readonly policy: Policy;
}
