import { AppError, type Issue } from '../../../errors';
import { recordChange } from '../../../platform/audit/record-change';
import { type Database } from '../../../platform/persistence/database';
import { type TenantScope } from '../../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../../platform/tenancy/request-context';
import { DOMAIN_CONFIGURED_CHANNEL } from '../../domains/domains.service';

/** What is recorded of a domain without being asked for, and for how long everything is kept. */
export interface PredictionLogSettings {
  /** Share of the subjects whose predictions are all recorded, 0 to 1. */
  readonly share: number;
  /** 1 to 3650. */
  readonly retentionDays: number;
  /** Whether outcomes that follow from stored events are recorded. */
  readonly inferOutcomes: boolean;
}

export const DEFAULT_SETTINGS: PredictionLogSettings = {
  share: 0,
  retentionDays: 400,
  inferOutcomes: true,
};
const MOST_DAYS = 3_650;

export type PredictionLogInput = { readonly domain: string } & {
  readonly [K in keyof PredictionLogSettings]?: PredictionLogSettings[K] | null | undefined;
};

export class PredictionLogSettingsService {
  constructor(private readonly database: Database) {}

  async get(ctx: TenantContext, domain: string): Promise<PredictionLogSettings> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) => settingsOf(scope, domain));
  }

  /**
   * Changes what is given. The API processes hear of it at once, the workers' purge within the hour.
   * @throws AppError BAD_USER_INPUT
   */
  async configure(ctx: TenantContext, input: PredictionLogInput): Promise<PredictionLogSettings> {
    const { domain } = input;
    check(input);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const before = await settingsOf(scope, domain);
      const after = {
        share: input.share ?? before.share,
        retentionDays: input.retentionDays ?? before.retentionDays,
        inferOutcomes: input.inferOutcomes ?? before.inferOutcomes,
      };
      await scope.query(
        `INSERT INTO prediction_log_settings (tenant_id, domain, share, retention_days, infer_outcomes)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, domain)
         DO UPDATE SET share = excluded.share, retention_days = excluded.retention_days,
                       infer_outcomes = excluded.infer_outcomes`,
        [scope.tenantId, domain, after.share, after.retentionDays, after.inferOutcomes],
      );
      recordChange(scope, ctx, { action: 'PREDICTION_LOG_CONFIGURED', objectId: domain, before, after });
      await scope.notify(DOMAIN_CONFIGURED_CHANNEL, { tenantId: scope.tenantId, kind: domain });
      return after;
    });
  }
}

async function settingsOf(scope: TenantScope, domain: string): Promise<PredictionLogSettings> {
  const [row] = await scope.query<PredictionLogSettings>(
    `SELECT share, retention_days AS "retentionDays", infer_outcomes AS "inferOutcomes"
       FROM prediction_log_settings
      WHERE tenant_id = $1 AND domain = $2`,
    [scope.tenantId, domain],
  );
  return row ?? DEFAULT_SETTINGS;
}

function check({ share, retentionDays }: PredictionLogInput): void {
  const issues: Issue[] = [];
  if (share != null && !(share >= 0 && share <= 1))
    issues.push({ path: 'share', message: 'must be a number from 0 to 1' });
  if (retentionDays != null && !(retentionDays >= 1 && retentionDays <= MOST_DAYS))
    issues.push({ path: 'retentionDays', message: `must be from 1 to ${MOST_DAYS}` });
  const [first] = issues;
  if (first) throw new AppError('BAD_USER_INPUT', `The field "${first.path}" ${first.message}.`, issues);
}
