import { createUnionType, Field, Float, InputType, ObjectType } from 'type-graphql';
import { type ModelPreset as Preset } from '../../services/domains/domain-catalogue';
import { DomainKind } from '../domain-kind';
import { Conflict, InvalidConfiguration } from '../results/shared-errors';
import { JsonObject } from '../scalars';
import { DomainConfiguration } from './configuration';
import { ModelPreset } from './domain';

@InputType('ConfigureDomainInput', {
  description:
    "A new version of your tenant's configuration. What is left out comes from the domain, not from the version before.",
})
export class ConfigureDomainInput {
  @Field(() => DomainKind, { description: 'The domain to configure.' })
  readonly kind!: string;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      "What your data's columns mean; unknown keys are errors. Left out: the domain's `defaultFeatureSpec`, which also shows the format.",
  })
  readonly featureSpec?: object | null;

  @Field(() => ModelPreset, {
    nullable: true,
    description: 'A ready-made model configuration; left out: DEFAULT. Not together with `modelConfig`.',
  })
  readonly preset?: Preset | null;

  @Field(() => JsonObject, {
    nullable: true,
    description:
      "A model configuration of your own; unknown keys are errors. Its `architecture` is `conv-recurrent`, `transformer`, `bag` or `linear`, and what is left out has a default; the domain's `presets` show the format.",
  })
  readonly modelConfig?: object | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "Predictions with at least this probability, between 0 and 1, are a yes. Left out: each model version's own recommended threshold.",
  })
  readonly threshold?: number | null;
}

@ObjectType('ConfigureDomainSuccess', { description: 'The configuration is in force.' })
export class ConfigureDomainSuccess {
  @Field(() => DomainConfiguration, { description: 'The new configuration, complete with its defaults.' })
  readonly configuration!: DomainConfiguration;
}

export const ConfigureDomainResult = createUnionType({
  name: 'ConfigureDomainResult',
  description:
    'What came of `configureDomain`. `InvalidConfiguration` lists everything that is wrong, with paths such as `featureSpec.label.column`.',
  types: () => [ConfigureDomainSuccess, InvalidConfiguration, Conflict] as const,
});
