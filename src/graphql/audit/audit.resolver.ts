import { Arg, Args, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { AuditService } from '../../services/audit/audit.service';
import { ADMINS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { AuditEntry, AuditEntryConnection, AuditFilter } from './audit';

@Resolver(() => AuditEntry)
export class AuditResolver {
  constructor(private readonly audit: AuditService) {}

  @Authorized<Role>(ADMINS)
  @Query(() => AuditEntryConnection, {
    description: 'Every change that was made in your tenant, the latest first. Roles: TENANT_ADMIN.',
  })
  async auditLog(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => AuditFilter, { nullable: true, description: 'Only these; all when left out.' })
    filter?: AuditFilter | null,
  ): Promise<Connection<AuditEntry>> {
    const entries = await this.audit.list(requireTenant(ctx), filter ?? {}, page);
    return AuditEntryConnection.from(entries, (entity) => AuditEntry.from(entity));
  }
}
