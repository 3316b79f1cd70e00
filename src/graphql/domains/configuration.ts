import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { type DomainConfiguration as ConfigurationEntity } from '../../services/domains/domain-configuration.entity';
import { connectionOf } from '../connections/connection';
import { DomainKind } from '../domain-kind';
import { JsonObject } from '../scalars';

@ObjectType('DomainConfiguration', {
  description:
    "What your tenant's data means for one domain, and which model learns it. Versions are never changed.",
})
export class DomainConfiguration {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => DomainKind, { description: 'The domain.' })
  readonly kind!: string;

  @Field(() => Int, { description: '1, 2, 3 … in your tenant; the highest is in force.' })
  readonly version!: number;

  @Field(() => JsonObject, { description: 'The feature specification, complete with its defaults.' })
  readonly featureSpec!: object;

  @Field(() => JsonObject, { description: 'The model configuration, complete with its defaults.' })
  readonly modelConfig!: object;

  @Field(() => Float, {
    nullable: true,
    description:
      "Predictions with at least this probability are a yes; null: each model version's own recommended threshold.",
  })
  readonly threshold!: number | null;

  @Field(() => ID, { description: 'Id of the API key or member that wrote it.' })
  readonly createdBy!: string;

  @Field(() => Date, { description: 'When it came into force.' })
  readonly createdAt!: Date;

  static from(entity: ConfigurationEntity): DomainConfiguration {
    return Object.assign(new DomainConfiguration(), {
      id: entity.id,
      kind: entity.kind,
      version: entity.version,
      featureSpec: entity.featureSpec,
      modelConfig: entity.modelConfig,
      threshold: entity.threshold,
      createdBy: entity.createdBy,
      createdAt: entity.createdAt,
    });
  }
}

export const DomainConfigurationConnection = connectionOf(
  DomainConfiguration,
  'DomainConfiguration',
  'configurations',
);
