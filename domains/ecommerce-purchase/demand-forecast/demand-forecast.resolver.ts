import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { AppError, type Issue } from '../../../src/errors';
import { ANALYSTS } from '../../../src/graphql/authorization';
import { type GraphqlContext } from '../../../src/graphql/context';
import { COST } from '../../../src/graphql/limits/cost';
import { outcome } from '../../../src/graphql/results/outcome';
import { InvalidInput } from '../../../src/graphql/results/shared-errors';
import { type Demand, forecastDemand } from '../../../src/learning/decisions/demand';
import { DAY_MS } from '../../../src/learning/decisions/items/item-event';
import { EARLIEST_MOMENT_MS, LATEST_MOMENT_MS } from '../../../src/learning/features/moment';
import { requireTenant } from '../../../src/platform/tenancy/request-context';
import { type Role } from '../../../src/platform/tenancy/role';
import { DailySalesService } from '../../../src/services/decisions/daily-sales.service';
import { isStorable } from '../../../src/services/events/event-input';
import { PoliciesService } from '../../../src/services/policies/policies.service';
import { shopPolicy } from '../policy';
import { DemandForecast, DemandForecastInput, DemandForecastResult, ExpectedDemand } from './demand-forecast';

const KIND = 'ECOMMERCE_PURCHASE';
const MAX_ITEMS = 1_000;
const MAX_DAYS = 90;
const MAX_ISSUES = 100;

@Resolver()
export class DemandForecastResolver {
  constructor(
    private readonly sales: DailySalesService,
    private readonly policies: PoliciesService,
  ) {}

  @Authorized<Role>(ANALYSTS)
  @Query(() => DemandForecastResult, {
    complexity: COST.DATASET,
    description:
      'How often items are bought in the days to come, with an interval, for what to keep in stock. Roles: TENANT_ADMIN, ANALYST.',
  })
  demandForecast(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => DemandForecastInput, { description: 'Which items, and how far ahead.' })
    input: DemandForecastInput,
  ): Promise<typeof DemandForecastResult> {
    return outcome([InvalidInput], async () => {
      check(input);
      const tenant = requireTenant(ctx);
      const { policy } = await this.policies.active(tenant, shopPolicy);
      const stored = await this.sales.read(tenant, {
        domain: KIND,
        itemColumn: policy.columns.item,
        at: input.at ?? new Date(),
      });
      const { items, unknown, total } = forecastDemand(stored, input.horizonDays);
      const ids =
        input.itemIds ??
        [...items]
          .sort(([a, x], [b, y]) => y.expected - x.expected || (a < b ? -1 : 1))
          .slice(0, input.first)
          .map(([id]) => id);
      return Object.assign(new DemandForecast(), {
        items: ids.map((itemId) => ({
          itemId,
          demand: told(items.get(itemId) ?? unknown),
          purchases: stored.items.get(itemId)?.reduce((sum, count) => sum + count, 0) ?? 0,
          known: items.has(itemId),
        })),
        total: told(total),
        from: stored.until,
        until: new Date(stored.until.getTime() + input.horizonDays * DAY_MS),
        historyDays: stored.days,
        purchases: stored.purchases,
      });
    });
  }
}

function told(demand: Demand): ExpectedDemand {
  return Object.assign(new ExpectedDemand(), demand);
}

/** @throws AppError BAD_USER_INPUT with the path of everything that is wrong */
function check({ horizonDays, itemIds, first, at }: DemandForecastInput): void {
  const issues: Issue[] = [];
  const wrong = (path: string, message: string): void => {
    if (issues.length < MAX_ISSUES) issues.push({ path, message });
  };
  if (!(horizonDays >= 1 && horizonDays <= MAX_DAYS))
    wrong('horizonDays', `must be an integer from 1 to ${MAX_DAYS}`);
  if (!(first >= 1 && first <= MAX_ITEMS)) wrong('first', `must be an integer from 1 to ${MAX_ITEMS}`);
  if (at && !(at.getTime() >= EARLIEST_MOMENT_MS && at.getTime() < LATEST_MOMENT_MS))
    wrong('at', 'must be a moment from the year 1900 on and before 2200');
  if (itemIds && (itemIds.length < 1 || itemIds.length > MAX_ITEMS))
    wrong('itemIds', `holds ${itemIds.length} items; give 1 to ${MAX_ITEMS}, or leave it out`);
  const places = new Map<string, number>();
  for (const [place, id] of (itemIds ?? []).slice(0, MAX_ITEMS).entries()) {
    const earlier = places.get(id);
    if (!isStorable(id)) wrong(`itemIds.${place}`, 'must have 1 to 200 characters, without NUL');
    else if (earlier !== undefined) wrong(`itemIds.${place}`, `repeats itemIds.${earlier}: give each once`);
    else places.set(id, place);
  }
  const [problem] = issues;
  if (problem) throw new AppError('BAD_USER_INPUT', `${problem.path} ${problem.message}`, issues);
}
