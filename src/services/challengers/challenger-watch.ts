import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger } from 'pino';
import { messageOf } from '../../errors';
import { bySystem, recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type Metrics } from '../../platform/telemetry/metrics';
import { type ChallengerMode } from '../prediction/trials/running-challenger';
import { CHALLENGER_CHANNEL } from './challenger-channel';
import { judgeTrial } from './judge-trial';
import { readEvidence } from './read-evidence';
import { type TrialFigures } from './trial-figures';

export interface ChallengerWatchOptions {
  readonly database: Pick<Database, 'asPlatform' | 'inTenant'>;
  readonly logger: Logger;
  readonly metrics?: Metrics | null;
  /** Between two looks at a trial. */
  readonly everyMs?: number;
}

interface DueTrial {
  readonly tenantId: string;
  readonly trialId: string;
}

interface Claimed {
  readonly id: string;
  readonly number: number;
  readonly mode: ChallengerMode;
  readonly share: number;
  readonly championVersionId: string;
  readonly challengerId: string;
  readonly kind: string;
  readonly modelVersionId: string;
  readonly alpha: number;
  readonly minOutcomes: number;
  readonly outcomeDelayHours: number;
  readonly endWhenWorse: boolean;
}

/** One of several that want to look does: for the others the trial is not due any more. */
const CLAIM = `
UPDATE challenger_trials t SET judged_at = clock_timestamp()
  FROM challengers c
 WHERE t.tenant_id = $1 AND t.id = $2 AND c.tenant_id = t.tenant_id AND c.id = t.challenger_id
   AND c.trial_id = t.id AND c.ended_at IS NULL
   AND (t.judged_at IS NULL OR t.judged_at <= clock_timestamp() - make_interval(secs => $3))
RETURNING t.id, t.number, t.mode, t.share, t.champion_version_id AS "championVersionId", c.id AS "challengerId",
          c.kind, c.model_version_id AS "modelVersionId", c.alpha, c.min_outcomes AS "minOutcomes",
          c.outcome_delay_hours AS "outcomeDelayHours", c.end_when_worse AS "endWhenWorse"`;

/** Ends it once: not when it ended, or another trial began, in the meantime. */
const END = `
UPDATE challengers SET ended_at = now(), ending = 'ROLLED_BACK', reason = $4
 WHERE tenant_id = $1 AND id = $2 AND trial_id = $3 AND ended_at IS NULL AND end_when_worse
RETURNING id`;

/** Looks at running trials every minute, and ends challengers that are worse. Any number may do so at once. */
export class ChallengerWatch {
  private readonly closing = new AbortController();
  private loop: Promise<void> | null = null;
  private readonly everySeconds: number;

  constructor(private readonly options: ChallengerWatchOptions) {
    this.everySeconds = (options.everyMs ?? 60_000) / 1000;
  }

  start(): void {
    this.loop ??= this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.loop;
  }

  /** Looks once at every trial that is due. Returns how many challengers it ended. */
  async look(): Promise<number> {
    const { database, logger } = this.options;
    const due = await database.asPlatform((scope) =>
      scope.query<DueTrial>(`SELECT tenant_id AS "tenantId", trial_id AS "trialId" FROM due_trials($1)`, [
        this.everySeconds,
      ]),
    );
    let ended = 0;
    for (const trial of due) {
      if (this.closing.signal.aborted) break;
      try {
        if (await this.judge(trial)) ended += 1;
      } catch (error) {
        // One trial that cannot be judged must not keep the others waiting.
        logger.warn({ error: messageOf(error), ...trial }, 'a challenger cannot be judged for now');
      }
    }
    return ended;
  }

  /** @returns whether it ended the challenger */
  private async judge({ tenantId, trialId }: DueTrial): Promise<boolean> {
    const { database, logger } = this.options;
    const [trial] = await database.inTenant(tenantId, (scope) =>
      scope.query<Claimed>(CLAIM, [tenantId, trialId, this.everySeconds]),
    );
    if (!trial) return false;
    const begun = performance.now();
    return database.inTenant(tenantId, async (scope) => {
      const { alpha, minOutcomes, outcomeDelayHours, number, challengerId } = trial;
      const evidence = await readEvidence(scope, trial, outcomeDelayHours);
      const figures = judgeTrial(evidence, { alpha, minOutcomes, trialNumber: number });
      await scope.query(
        'UPDATE challenger_trials SET figures = $3, look_ms = $4 WHERE tenant_id = $1 AND id = $2',
        [tenantId, trialId, JSON.stringify(figures), performance.now() - begun],
      );
      if (figures.verdict !== 'WORSE' || !trial.endWhenWorse) return false;
      const reason = reasonOf(figures);
      const [ended] = await scope.query(END, [tenantId, challengerId, trialId, reason]);
      if (!ended) return false;
      await tell(scope, trial, { reason, figures });
      logger.warn(
        { tenantId, challengerId, reason },
        'a challenger was worse than its champion and was ended',
      );
      return true;
    });
  }

  private async run(): Promise<void> {
    const { logger, metrics, everyMs = 60_000 } = this.options;
    const look = () => this.look();
    while (!this.closing.signal.aborted) {
      try {
        await (metrics ? metrics.pass('challengers', look) : look());
      } catch (error) {
        logger.warn({ error: messageOf(error) }, 'challengers cannot be watched for now');
      }
      await sleep(everyMs / 4, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
  }
}

async function tell(
  scope: TenantScope,
  { challengerId, kind, modelVersionId, championVersionId, mode, share }: Claimed,
  { reason, figures }: { readonly reason: string; readonly figures: TrialFigures },
): Promise<void> {
  recordChange(scope, bySystem(`challenger-watch-${randomUUID()}`), {
    action: 'CHALLENGER_ROLLED_BACK',
    objectId: challengerId,
    before: { kind, modelVersionId, championVersionId, mode, share },
    after: { ending: 'ROLLED_BACK', reason, figures },
  });
  await scope.notify(CHALLENGER_CHANNEL, { tenantId: scope.tenantId, kind });
}

/** Why it was ended, for people. */
function reasonOf({ because, champion, challenger, logLossDifference: difference }: TrialFigures): string {
  if (because === 'ERROR_RATE')
    return `It could not answer ${challenger.errors} of ${challenger.asked} times, the champion ${champion.errors} of ${champion.asked}.`;
  const shown = (value: number | undefined): string => (value ?? NaN).toPrecision(3);
  return `Its log loss is higher by ${shown(difference?.value)}, at least ${shown(difference?.low)}, over ${challenger.outcomes} outcomes.`;
}
