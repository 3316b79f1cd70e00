import { createUnionType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { InvalidInput } from '../results/shared-errors';

@InputType('RotateEncryptionKeyInput', { description: 'Why a new key is made.' })
export class RotateEncryptionKeyInput {
  @Field(() => String, { nullable: true, description: 'For the audit log, 1 to 200 characters.' })
  readonly note?: string | null;
}

@ObjectType('RotateEncryptionKeySuccess', {
  simpleResolvers: true,
  description: 'The new key is in use.',
})
export class RotateEncryptionKeySuccess {
  @Field(() => ID, { description: 'Its id; the key itself never leaves the platform.' })
  readonly keyId!: string;

  @Field(() => ID, { nullable: true, description: 'The one before; null where there was none.' })
  readonly previousKeyId!: string | null;

  @Field(() => Int, { description: 'How many secrets were encrypted again.' })
  readonly resealed!: number;
}

export const RotateEncryptionKeyResult = createUnionType({
  name: 'RotateEncryptionKeyResult',
  description: 'What came of `rotateEncryptionKey`.',
  types: () => [RotateEncryptionKeySuccess, InvalidInput] as const,
});
