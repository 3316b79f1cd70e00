import {
  Arg,
  Args,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { type DriftState as State } from '../../learning/drift/compare-columns';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { type StoredDrift } from '../../services/monitoring/drift-report.entity';
import { DriftStates } from '../../services/monitoring/drift-states';
import { ANALYSTS, TENANT_MEMBERS } from '../authorization';
import { type Connection, connectionOf, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { DomainKind } from '../domain-kind';
import { Domain } from '../domains/domain';
import { COST } from '../limits/cost';
import { DriftReport, DriftState } from './drift';

@ObjectType('MonitoredDrift', {
  simpleResolvers: true,
  description: 'A drift report that the monitoring made.',
})
export class MonitoredDrift {
  @Field(() => ID, { description: 'Its id.' })
  readonly id!: string;

  @Field(() => Date, { description: 'When it was made.' })
  readonly computedAt!: Date;

  @Field(() => DriftReport, { description: 'What was found.' })
  readonly report!: DriftReport;

  static from({
    id,
    computedAt,
    modelVersionId,
    from,
    until,
    predictions,
    report,
  }: StoredDrift): MonitoredDrift {
    return Object.assign(new MonitoredDrift(), {
      ...{ id, computedAt },
      report: DriftReport.from({ modelVersionId, from, until, predictions, report }),
    });
  }
}

export const MonitoredDriftConnection = connectionOf(MonitoredDrift, 'MonitoredDrift', 'drift reports');

@Resolver(() => Domain)
export class DriftReportResolver {
  constructor(private readonly states: DriftStates) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => MonitoredDriftConnection, {
    description:
      'The hourly drift reports of a domain, newest first; the last 200 are kept. Roles: TENANT_ADMIN, ANALYST.',
  })
  async driftReports(
    @Ctx() ctx: GraphqlContext,
    @Arg('domain', () => DomainKind, { description: 'The domain.' }) domain: string,
    @Args(() => PageArgs) { first, after }: PageArgs,
  ): Promise<Connection<MonitoredDrift>> {
    const page = await this.states.page(requireTenant(ctx).actor.tenantId, domain, { first, after });
    return MonitoredDriftConnection.from(page, (entity) => MonitoredDrift.from(entity));
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @FieldResolver(() => DriftState, {
    complexity: COST.QUERY,
    description:
      'How far what the model that serves is asked, answers and is right about is from its training, as the monitoring found it last; UNKNOWN before that. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async driftState(@Root() { kind }: Domain, @Ctx() ctx: GraphqlContext): Promise<State> {
    return (await this.states.latest(requireTenant(ctx).actor.tenantId, kind))?.state ?? 'UNKNOWN';
  }
}
