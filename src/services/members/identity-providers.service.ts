import { z } from 'zod';
import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { DiscoveryProblem, issuerProblem } from '../../platform/identity/discovery';
import { type KeySets, KeysUnavailable } from '../../platform/identity/key-sets';
import { type OutboundTargets } from '../../platform/network/outbound-url';
import { type Database } from '../../platform/persistence/database';
import { requireUnrestricted, type TenantContext } from '../../platform/tenancy/request-context';
import { IdentityProvider } from './identity-provider.entity';
import { lockMembers } from './lock-members';
import { Member } from './member.entity';

/** Identity providers of a tenant, at most. */
const MAX_PROVIDERS = 10;

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must have no control characters');
const inputSchema = z
  .strictObject({
    issuer: text(2_000),
    audiences: z.array(text(255)).min(1).max(20),
    roleClaim: text(200).nullable(),
    roleMapping: z
      .array(z.strictObject({ value: text(500), role: z.enum(['TENANT_ADMIN', 'ANALYST', 'SERVICE']) }))
      .max(100),
    emailDomains: z
      .array(
        z
          .string()
          .trim()
          .toLowerCase()
          .max(253)
          .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a domain, such as example.com'),
      )
      .max(100),
  })
  .refine(({ roleClaim, roleMapping }) => (roleClaim === null) === (roleMapping.length === 0), {
    path: ['roles'],
    message: 'go with a claim: give "roleClaim" and one role or more, or neither',
  });

export type SetIdentityProvider = z.input<typeof inputSchema>;

/** Who vouches for a tenant's members. */
export class IdentityProvidersService {
  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly keySets: Pick<KeySets, 'probe'>,
    private readonly targets: OutboundTargets,
  ) {}

  /**
   * Trusts an issuer, or trusts it on other terms, once it has been found to answer as one.
   * @throws AppError BAD_USER_INPUT, also for an issuer that does not answer; FORBIDDEN for a restricted key; CONFLICT
   * when there are 10
   */
  async set(ctx: TenantContext, input: SetIdentityProvider): Promise<IdentityProvider> {
    requireUnrestricted(ctx);
    const values = this.check(input);
    const { issuer } = values;
    await this.probe(ctx.actor.tenantId, issuer);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      await lockMembers(scope);
      const providers = scope.repository(IdentityProvider);
      const before = await providers.findOne({ issuer });
      if (!before && (await providers.count()) >= MAX_PROVIDERS)
        throw new AppError('CONFLICT', `There are ${MAX_PROVIDERS} identity providers: delete one first.`);
      const updatedAt = new Date();
      if (before) await providers.update({ id: before.id }, { ...values, updatedAt });
      const provider = before
        ? await providers.getOrThrow(before.id)
        : await providers.insert({ ...values, updatedAt, createdBy: ctx.actor.id });
      recordChange(scope, ctx, {
        action: 'IDENTITY_PROVIDER_SET',
        objectId: provider.id,
        before: before && visible(before),
        after: visible(provider),
      });
      return provider;
    });
  }

  /**
   * Trusts an issuer no longer: its members are not let in until it is trusted again.
   * @throws AppError NOT_FOUND; CONFLICT for the one that vouches for whoever asks
   */
  async delete(ctx: TenantContext, id: string): Promise<IdentityProvider> {
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const providers = scope.repository(IdentityProvider);
      const provider = await providers.getForUpdate(id);
      const own = ctx.actor.kind === 'MEMBER' ? await scope.repository(Member).get(ctx.actor.id) : null;
      if (own?.issuer === provider.issuer)
        throw new AppError(
          'CONFLICT',
          'This is the identity provider that vouches for you: delete it with an API key, or as a member of another.',
        );
      await providers.delete({ id });
      recordChange(scope, ctx, {
        action: 'IDENTITY_PROVIDER_DELETED',
        objectId: id,
        before: visible(provider),
        after: null,
      });
      return provider;
    });
  }

  /** Oldest first. */
  async list(ctx: TenantContext): Promise<IdentityProvider[]> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(IdentityProvider).find({}, { order: { createdAt: 'ASC' } }),
    );
  }

  private check(input: SetIdentityProvider): z.output<typeof inputSchema> {
    const read = inputSchema.safeParse(input);
    const issues = read.success
      ? []
      : read.error.issues.map(({ path, message }) => ({
          path: path.join('.').replace(/^roleMapping/, 'roles'),
          message,
        }));
    const wrong = read.success ? issuerProblem(read.data.issuer, this.targets) : null;
    if (wrong !== null) issues.push({ path: 'issuer', message: wrong });
    if (!read.success || issues.length > 0)
      throw new AppError(
        'BAD_USER_INPUT',
        issues.map(({ path, message }) => `"${path}" ${message}`).join('; '),
        issues,
      );
    const { audiences, emailDomains } = read.data;
    return { ...read.data, audiences: [...new Set(audiences)], emailDomains: [...new Set(emailDomains)] };
  }

  private async probe(tenantId: string, issuer: string): Promise<void> {
    try {
      await this.keySets.probe({ tenantId, issuer });
    } catch (error) {
      if (!(error instanceof DiscoveryProblem || error instanceof KeysUnavailable)) throw error;
      throw new AppError('BAD_USER_INPUT', `The issuer cannot be used: ${error.message}.`, [
        { path: 'issuer', message: error.message },
      ]);
    }
  }
}

function visible({ issuer, audiences, roleClaim, roleMapping, emailDomains }: IdentityProvider): object {
  return { issuer, audiences, roleClaim, roleMapping, emailDomains };
}
