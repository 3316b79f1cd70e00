import { Field, ObjectType, registerEnumType } from 'type-graphql';
import {
  type CatalogueEntry,
  MODEL_PRESETS,
  type ModelPreset as Preset,
} from '../../services/domains/domain-catalogue';
import { DomainKind } from '../domain-kind';
import { JsonObject } from '../scalars';

/** The presets under the names that GraphQL gives enum values. */
export const ModelPreset = Object.fromEntries(
  MODEL_PRESETS.map((preset) => [preset.toUpperCase(), preset]),
) as { [K in Preset as Uppercase<K>]: K };

registerEnumType(ModelPreset, {
  name: 'ModelPreset',
  description: 'A ready-made model configuration of a domain.',
  valuesConfig: {
    TINY: { description: 'Trains in about a second: for trying things out.' },
    DEFAULT: { description: 'What the domain recommends.' },
  },
});

@ObjectType('DomainPreset', {
  description: 'A ready-made model configuration, to be used as it is or as a start.',
})
export class DomainPreset {
  @Field(() => ModelPreset, { description: 'Its name, as `configureDomain` takes it.' })
  readonly name!: Preset;

  @Field(() => JsonObject, { description: 'The model configuration that it stands for.' })
  readonly modelConfig!: object;
}

@ObjectType('Domain', {
  description: 'A kind of prediction: what the platform knows of it, and what your tenant has made of it.',
})
export class Domain {
  @Field(() => DomainKind, { description: 'Its name in this API.' })
  readonly kind!: string;

  @Field(() => String, { description: 'Its name in addresses.' })
  readonly slug!: string;

  @Field(() => String, { description: 'Its name for people.' })
  readonly title!: string;

  @Field(() => String, { description: 'What is predicted, and at which moment.' })
  readonly description!: string;

  @Field(() => JsonObject, {
    description:
      'The feature specification that applies when a configuration names none: columns, features, label. A start for your own.',
  })
  readonly defaultFeatureSpec!: object;

  @Field(() => [DomainPreset], { description: 'The ready-made model configurations.' })
  readonly presets!: readonly DomainPreset[];

  static from(entry: CatalogueEntry): Domain {
    return Object.assign(new Domain(), {
      kind: entry.kind,
      slug: entry.slug,
      title: entry.title,
      description: entry.description,
      defaultFeatureSpec: entry.featureSpec,
      presets: MODEL_PRESETS.map((name) =>
        Object.assign(new DomainPreset(), { name, modelConfig: entry.presets[name] }),
      ),
    });
  }
}
