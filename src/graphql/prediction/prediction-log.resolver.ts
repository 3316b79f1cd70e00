import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { PredictionLogSettingsService } from '../../services/prediction/log/prediction-log-settings.service';
import { ADMINS, TENANT_MEMBERS } from '../authorization';
import { type GraphqlContext } from '../context';
import { DomainKind } from '../domain-kind';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import {
  ConfigurePredictionLogInput,
  ConfigurePredictionLogResult,
  ConfigurePredictionLogSuccess,
  PredictionLog,
} from './prediction-log';

@Resolver()
export class PredictionLogResolver {
  constructor(private readonly settings: PredictionLogSettingsService) {}

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => PredictionLog, {
    description: 'How the predictions of a domain are recorded. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async predictionLog(
    @Ctx() ctx: GraphqlContext,
    @Arg('domain', () => DomainKind, { description: 'The domain.' }) domain: string,
  ): Promise<PredictionLog> {
    return Object.assign(new PredictionLog(), {
      domain,
      ...(await this.settings.get(requireTenant(ctx), domain)),
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => ConfigurePredictionLogResult, {
    complexity: COST.CHANGE,
    description:
      'Sets what is recorded of the predictions of a domain without being asked for, and for how long all is kept. Roles: TENANT_ADMIN.',
  })
  async configurePredictionLog(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => ConfigurePredictionLogInput, { description: 'What to set.' })
    input: ConfigurePredictionLogInput,
  ): Promise<typeof ConfigurePredictionLogResult> {
    return outcome([InvalidInput], async () => {
      const settings = await this.settings.configure(requireTenant(ctx), input);
      const predictionLog = Object.assign(new PredictionLog(), { domain: input.domain, ...settings });
      return Object.assign(new ConfigurePredictionLogSuccess(), { predictionLog });
    });
  }
}
