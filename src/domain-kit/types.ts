import { type ModelConfig, type ModelConfigInput } from '../learning/architectures/model-config';
import { type FeatureSpecInput, type LabelledSpec } from '../learning/features/feature-spec';
import { type ItemColumns } from '../services/domains/domain-catalogue';
import { type PolicyDefinition } from '../services/policies/policy-definition';

/** A type-graphql resolver class. */
export type ResolverClass = abstract new (...dependencies: never[]) => object;

/** What a domain's folder exports: one kind of prediction, complete. */
export interface DomainInput {
  /** Its name in the API and the database, `LIKE_THIS`; never changed once a tenant uses it. */
  readonly kind: string;
  /** Its folder's name. */
  readonly slug: string;
  readonly title: string;
  /** One sentence: what is predicted, and at which moment. */
  readonly description: string;
  /** What a tenant's data means until the tenant says otherwise. */
  readonly featureSpec: FeatureSpecInput;
  readonly presets: {
    /** Trains in about a second: for tests. */
    readonly tiny: ModelConfigInput;
    /** What a tenant starts with. */
    readonly default: ModelConfigInput;
  };
  /** Where its stored events say what was shown; how often each was, and with what success, is then counted. */
  readonly items?: ItemColumns;
  /** What tenants may set about its decisions; `policyOperations` makes the operations for the resolvers. */
  readonly policy?: PolicyDefinition;
  /** The domain's own queries. */
  readonly resolvers: readonly ResolverClass[];
  /** A GraphQL document that asks for one prediction, given `$input` in the shape of the generated data's `demo`. */
  readonly demoQuery: string;
  /** Invented data in the shape of the feature spec. */
  generate(options: GenerateOptions): GeneratedData;
}

/** A domain as it is used: its specification and presets with every default filled in. */
export interface DomainDefinition extends Omit<DomainInput, 'featureSpec' | 'presets'> {
  readonly featureSpec: LabelledSpec;
  readonly presets: { readonly tiny: ModelConfig; readonly default: ModelConfig };
}

export interface GenerateOptions {
  /** The same seed and scale give the same data, byte for byte. */
  readonly seed: number;
  /** 1 gives 25,000 to 55,000 examples, 0.02 some hundreds. */
  readonly scale: number;
}

export interface GeneratedData {
  /** A CSV line by line, header first, without line ends; ordered by time. Reading it again gives the same lines. */
  csv(): Iterable<string>;
  /** The probability, in (0, 1), that each example's label was drawn with, by example id: what no model can beat. */
  readonly truth: ReadonlyMap<string, number>;
  /** A prediction's input in the shape of the domain's GraphQL input type; moments are ISO 8601 strings. */
  readonly demo: Readonly<Record<string, unknown>>;
}
