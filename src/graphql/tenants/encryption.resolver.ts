import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { EncryptionService } from '../../services/encryption/encryption.service';
import { ADMINS } from '../authorization';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import {
  RotateEncryptionKeyInput,
  RotateEncryptionKeyResult,
  RotateEncryptionKeySuccess,
} from './encryption';

@Resolver()
export class EncryptionResolver {
  constructor(private readonly service: EncryptionService) {}

  @Authorized<Role>(ADMINS)
  @Mutation(() => RotateEncryptionKeyResult, {
    complexity: COST.CHANGE,
    description:
      "Makes a new key that your tenant's secrets are encrypted with, and encrypts them again; files and models that are stored keep the key that they have, and new ones get the new one within a minute. Nothing else changes: webhooks keep their secrets. Roles: TENANT_ADMIN.",
  })
  rotateEncryptionKey(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => RotateEncryptionKeyInput, { description: 'Why, where that is to be kept.' })
    { note }: RotateEncryptionKeyInput,
  ): Promise<typeof RotateEncryptionKeyResult> {
    return outcome([InvalidInput], async () =>
      Object.assign(
        new RotateEncryptionKeySuccess(),
        await this.service.rotate(requireTenant(ctx), note ?? null),
      ),
    );
  }
}
