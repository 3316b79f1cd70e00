import { randomUUID } from 'node:crypto';
import { AppError, type Issue } from '../../errors';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { type AuditAction } from '../../platform/audit/actions';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { assertServable } from '../models/assert-servable';
import { passBaseline } from '../models/baseline-gate';
import { lockDecisions } from '../models/lock-decisions';
import { ModelVersion } from '../models/model-version.entity';
import { type Decided, type ModelsService } from '../models/models.service';
import { Promotion } from '../models/promotion.entity';
import { type ChallengerMode } from '../prediction/trials/running-challenger';
import { beginTrial } from './begin-trial';
import { CHALLENGER_CHANNEL } from './challenger-channel';
import { Challenger } from './challenger.entity';
import { ChallengerTrial } from './challenger-trial.entity';
import { judgeTrial } from './judge-trial';
import { readEvidence } from './read-evidence';
import { type TrialFigures } from './trial-figures';

const LOOK_TIMEOUT_MS = 20_000;
const MAX_REASON = 500;

export interface StartChallenger {
  readonly kind: string;
  readonly modelVersionId: string;
  readonly mode: ChallengerMode;
  readonly share: number;
  readonly alpha: number;
  readonly minOutcomes: number;
  readonly outcomeDelayHours: number;
  readonly endWhenWorse: boolean;
  /** Why it is to be tried out, and promoted perhaps, although it is not worth more than its baseline. */
  readonly baselineOverride?: string | null;
}

export interface ChangeChallenger {
  readonly kind: string;
  readonly mode?: ChallengerMode | null | undefined;
  readonly share?: number | null | undefined;
  readonly endWhenWorse?: boolean | null | undefined;
}

/** A challenger with the trial that runs, or ran last. */
export interface ChallengerState {
  readonly challenger: Challenger;
  readonly trial: ChallengerTrial;
}

/** Versions that are tried out beside their champions: at most one of a domain at a time. */
export class ChallengersService {
  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
    private readonly models: ModelsService,
  ) {}

  /** The one that runs, else the one that ran last; null when there never was one. */
  async latest(ctx: TenantContext, kind: string): Promise<ChallengerState | null> {
    return this.inTenant(ctx, async (scope) => {
      const challenger = await latestOf(scope, kind);
      return challenger && stateOf(scope, challenger);
    });
  }

  /** Those of a domain, the latest first. */
  async page(
    ctx: TenantContext,
    kind: string,
    page: PageRequest,
  ): Promise<Page<ChallengerState & { readonly id: string }>> {
    return this.inTenant(ctx, async (scope) => {
      const { items, ...rest } = await scope
        .repository(Challenger)
        .page(page, { where: { kind }, orderBy: 'sequence' });
      const states: (ChallengerState & { readonly id: string })[] = [];
      for (const challenger of items)
        states.push({ id: challenger.id, ...(await stateOf(scope, challenger)) });
      return { ...rest, items: states };
    });
  }

  /** All trials of a challenger, the first one first. */
  async trials(ctx: TenantContext, challengerId: string): Promise<ChallengerTrial[]> {
    return this.inTenant(ctx, (scope) =>
      scope.repository(ChallengerTrial).find({ challengerId }, { order: { number: 'ASC' } }),
    );
  }

  /** What a trial says: as it is now while it runs, else as it was found last. */
  async figures(ctx: TenantContext, { challenger, trial }: ChallengerState): Promise<TrialFigures | null> {
    if (challenger.endedAt || challenger.trialId !== trial.id) return trial.figures;
    return this.inTenant(ctx, async (scope) => {
      await scope.query("SELECT set_config('statement_timeout', $1, true)", [String(LOOK_TIMEOUT_MS)]);
      const { alpha, minOutcomes, outcomeDelayHours } = challenger;
      const evidence = await readEvidence(scope, trial, outcomeDelayHours);
      return judgeTrial(evidence, { alpha, minOutcomes, trialNumber: trial.number });
    });
  }

  /**
   * @throws AppError NOT_FOUND; BAD_USER_INPUT; CONFLICT when nothing serves yet, the version serves already or may not
   *   serve, or another one is tried out; BELOW_BASELINE when it is not worth more than its baseline, and no reason is given
   */
  async start(ctx: TenantContext, input: StartChallenger): Promise<ChallengerState> {
    const { kind, modelVersionId, mode, share, ...settings } = input;
    check(input);
    return this.inTenant(ctx, async (scope) => {
      await lockDecisions(scope, kind);
      const version = await scope.repository(ModelVersion).getOrThrow(modelVersionId);
      if (version.kind !== kind)
        throw refused([{ path: 'modelVersionId', message: `is of ${version.kind}` }]);
      const champion = await scope.repository(Promotion).findOne({ kind }, { order: { sequence: 'DESC' } });
      if (!champion)
        throw new AppError(
          'CONFLICT',
          `No version of ${kind} serves yet: promote one, and try others out beside it.`,
        );
      if (champion.modelVersionId === modelVersionId)
        throw new AppError('CONFLICT', `Version ${version.number} of ${kind} serves already.`);
      const running = await latestOf(scope, kind);
      if (running && !running.endedAt)
        throw new AppError(
          'CONFLICT',
          `Another version of ${kind} is tried out: end it with endChallenger first.`,
        );
      await assertServable(this.stores.forTenant(ctx.actor.tenantId), version);
      const baselineOverride = passBaseline(version, input.baselineOverride ?? null);
      const started = await scope.repository(Challenger).insert({
        ...{ kind, modelVersionId, ...settings, baselineOverride },
        trialId: randomUUID(),
        startedBy: ctx.actor.id,
      });
      await beginTrial(scope, started, { mode, share, championVersionId: champion.modelVersionId });
      return this.changed(ctx, scope, { action: 'CHALLENGER_STARTED', id: started.id, before: null });
    });
  }

  /**
   * Changes what is given of the one that runs. Another mode or share begins another trial.
   * @throws AppError BAD_USER_INPUT; CONFLICT when none runs
   */
  async change(ctx: TenantContext, input: ChangeChallenger): Promise<ChallengerState> {
    check(input);
    return this.inTenant(ctx, async (scope) => {
      const before = await this.running(scope, input.kind);
      const { challenger, trial } = before;
      const { championVersionId } = trial;
      const mode = input.mode ?? trial.mode;
      const share = input.share ?? trial.share;
      const endWhenWorse = input.endWhenWorse ?? challenger.endWhenWorse;
      const isOther = mode !== trial.mode || share !== trial.share;
      if (!isOther && endWhenWorse === challenger.endWhenWorse) return before;
      await scope.repository(Challenger).update({ id: challenger.id }, { endWhenWorse });
      if (isOther) await beginTrial(scope, challenger, { mode, share, championVersionId });
      return this.changed(ctx, scope, { action: 'CHALLENGER_CHANGED', id: challenger.id, before });
    });
  }

  /** @throws AppError BAD_USER_INPUT; CONFLICT when none runs */
  async end(ctx: TenantContext, kind: string, reason?: string | null): Promise<ChallengerState> {
    if (reason != null && (reason.length === 0 || reason.length > MAX_REASON || reason.includes('\0')))
      throw refused([{ path: 'reason', message: `must have 1 to ${MAX_REASON} characters, without NUL` }]);
    return this.inTenant(ctx, async (scope) => {
      const before = await this.running(scope, kind);
      const { id } = before.challenger;
      await scope
        .repository(Challenger)
        .update(
          { id },
          { endedAt: new Date(), ending: 'ENDED', endedBy: ctx.actor.id, reason: reason ?? null },
        );
      return this.changed(ctx, scope, { action: 'CHALLENGER_ENDED', id, before });
    });
  }

  /**
   * Makes the one that runs the champion. Why it was let through at its start, it is let through by.
   * @throws AppError CONFLICT when none runs, or it may not serve any more
   */
  async promote(ctx: TenantContext, kind: string): Promise<Decided & ChallengerState> {
    const { challenger } = await this.inTenant(ctx, (scope) => this.running(scope, kind));
    const decided = await this.models.promote(ctx, challenger.modelVersionId, {
      baselineOverride: challenger.baselineOverride,
      check: async (scope) => {
        const still = await this.running(scope, kind);
        if (still.challenger.id !== challenger.id) throw noneRuns(kind);
      },
    });
    const state = await this.latest(ctx, kind);
    if (!state) throw noneRuns(kind);
    return { ...decided, ...state };
  }

  private async running(scope: TenantScope, kind: string): Promise<ChallengerState> {
    await lockDecisions(scope, kind);
    const challenger = await latestOf(scope, kind);
    if (!challenger || challenger.endedAt) throw noneRuns(kind);
    return stateOf(scope, challenger);
  }

  /** Tells of a change, and returns what it has led to. */
  private async changed(
    ctx: TenantContext,
    scope: TenantScope,
    { action, id, before }: { action: AuditAction; id: string; before: ChallengerState | null },
  ): Promise<ChallengerState> {
    const after = await stateOf(scope, await scope.repository(Challenger).getOrThrow(id));
    const { kind } = after.challenger;
    recordChange(scope, ctx, {
      action,
      objectId: id,
      before: before && audited(before),
      after: audited(after),
    });
    await scope.notify(CHALLENGER_CHANNEL, { tenantId: scope.tenantId, kind });
    return after;
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(ctx.actor.tenantId, work);
  }
}

async function latestOf(scope: TenantScope, kind: string): Promise<Challenger | null> {
  return scope.repository(Challenger).findOne({ kind }, { order: { sequence: 'DESC' } });
}

async function stateOf(scope: TenantScope, challenger: Challenger): Promise<ChallengerState> {
  return { challenger, trial: await scope.repository(ChallengerTrial).getOrThrow(challenger.trialId) };
}

function audited({ challenger, trial }: ChallengerState): object {
  const {
    kind,
    modelVersionId,
    alpha,
    minOutcomes,
    outcomeDelayHours,
    endWhenWorse,
    ending,
    reason,
    baselineOverride,
  } = challenger;
  const { mode, share, championVersionId } = trial;
  return {
    ...{ kind, modelVersionId, championVersionId, mode, share, alpha, minOutcomes, outcomeDelayHours },
    ...{ endWhenWorse, ending, reason },
    ...(baselineOverride !== null && { baselineOverride }),
  };
}

function noneRuns(kind: string): AppError {
  return new AppError('CONFLICT', `No version of ${kind} is tried out: start one with startChallenger.`);
}

function check(input: Partial<Omit<StartChallenger, keyof ChangeChallenger>> & ChangeChallenger): void {
  const { share, alpha, minOutcomes, outcomeDelayHours } = input;
  const issues: Issue[] = [];
  const wrong = (path: string, message: string) => issues.push({ path, message });
  if (share != null && !(share >= 0.001 && share <= 1)) wrong('share', 'must be a number from 0.001 to 1');
  if (alpha !== undefined && !(alpha >= 0.0001 && alpha <= 0.5))
    wrong('alpha', 'must be a number from 0.0001 to 0.5');
  if (minOutcomes !== undefined && !(minOutcomes >= 100 && minOutcomes <= 100_000))
    wrong('minOutcomes', 'must be from 100 to 100000');
  if (outcomeDelayHours !== undefined && !(outcomeDelayHours >= 0 && outcomeDelayHours <= 8_760))
    wrong('outcomeDelayHours', 'must be a number from 0 to 8760');
  if (issues.length > 0) throw refused(issues);
}

function refused(issues: readonly Issue[]): AppError {
  const [first] = issues;
  return new AppError('BAD_USER_INPUT', `The field "${first?.path ?? ''}" ${first?.message ?? ''}.`, issues);
}
