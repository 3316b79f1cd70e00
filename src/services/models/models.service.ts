import { In } from 'typeorm';
import { AppError } from '../../errors';
import { type ObjectStore, type ObjectStores } from '../../platform/artifacts/object-store';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { followPromotion } from '../challengers/follow-promotion';
import { passBaseline } from './baseline-gate';
import { assertServable } from './assert-servable';
import { lockDecisions } from './lock-decisions';
import { ModelVersion } from './model-version.entity';
import { Promotion, type PromotionAction } from './promotion.entity';
import { servingStack } from './serving-history';

/** NOTIFY channel; payload `{tenantId, kind, modelVersionId}`, delivered when the decision commits. */
export const MODEL_PROMOTED_CHANNEL = 'model_promoted';

export type ModelFile = 'artifact' | 'predictions';

export interface PromoteOptions {
  /** Why it is to serve although it is not worth more than its baseline. */
  readonly baselineOverride?: string | null;
  /** Throws what keeps it from being promoted; asked when no other decision can come in between. */
  readonly check?: (scope: TenantScope) => Promise<void>;
}

export interface Decided {
  readonly promotion: Promotion;
  readonly champion: ModelVersion;
}

interface Decision {
  readonly id: string;
  readonly action: PromotionAction;
  readonly before: Promotion | null;
  readonly baselineOverride: string | null;
}

/** The models that training brought forth, and the decisions about which of them serves. */
export class ModelsService {
  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
  ) {}

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<ModelVersion> {
    return this.inTenant(ctx, (scope) => scope.repository(ModelVersion).getOrThrow(id));
  }

  /** Newest first, of one kind or of all. */
  async list(
    ctx: TenantContext,
    { kind, ...page }: PageRequest & { kind?: string | null | undefined },
  ): Promise<Page<ModelVersion>> {
    return this.inTenant(ctx, (scope) =>
      scope
        .repository(ModelVersion)
        .page(page, { where: kind == null ? {} : { kind }, orderBy: 'createdAt' }),
    );
  }

  /** The versions with these ids that the tenant has, in no order. */
  async byIds(ctx: TenantContext, ids: readonly string[]): Promise<ModelVersion[]> {
    return this.inTenant(ctx, (scope) => scope.repository(ModelVersion).find({ id: In([...ids]) }));
  }

  /** The versions that came out of these runs, in no order. */
  async byRuns(ctx: TenantContext, runIds: readonly string[]): Promise<ModelVersion[]> {
    return this.inTenant(ctx, (scope) => scope.repository(ModelVersion).find({ runId: In([...runIds]) }));
  }

  /** The decisions in force of several kinds, in the kinds' order; null where nothing was ever promoted. */
  async currentPromotions(ctx: TenantContext, kinds: readonly string[]): Promise<(Promotion | null)[]> {
    return this.inTenant(ctx, async (scope) => {
      const found: (Promotion | null)[] = [];
      // A handful of kinds, each one index lookup.
      for (const kind of kinds) {
        found.push(await scope.repository(Promotion).findOne({ kind }, { order: { sequence: 'DESC' } }));
      }
      return found;
    });
  }

  /** The decisions about a kind, newest first. */
  async promotions(ctx: TenantContext, kind: string, page: PageRequest): Promise<Page<Promotion>> {
    return this.inTenant(ctx, (scope) =>
      scope.repository(Promotion).page(page, { where: { kind }, orderBy: 'sequence' }),
    );
  }

  /**
   * A version's artifact or its held-out predictions, as a local file that must not be changed.
   * @throws AppError NOT_FOUND
   */
  async localCopy(
    ctx: TenantContext,
    id: string,
    part: ModelFile,
  ): Promise<{ sha256: string; path: string }> {
    const version = await this.get(ctx, id);
    const sha256 = part === 'artifact' ? version.artifactSha256 : version.predictionsSha256;
    return { sha256, path: await this.store(ctx).localPath(sha256) };
  }

  /**
   * Makes a version the one that serves. Promoting the version that serves already changes nothing.
   *
   * @throws AppError NOT_FOUND; CONFLICT when its certificate is not valid or its artifact is gone; BELOW_BASELINE when it is not
   *   worth more than its baseline, and no reason is given; BAD_USER_INPUT when that is too short or too long
   */
  async promote(
    ctx: TenantContext,
    id: string,
    { check, baselineOverride = null }: PromoteOptions = {},
  ): Promise<Decided> {
    const { kind } = await this.get(ctx, id);
    return this.inTenant(ctx, async (scope) => {
      await lockDecisions(scope, kind);
      await check?.(scope);
      const current = await scope.repository(Promotion).findOne({ kind }, { order: { sequence: 'DESC' } });
      if (current?.modelVersionId === id) {
        const champion = await scope.repository(ModelVersion).getOrThrow(id);
        // One that was retired serves no more, unless it is to serve until another does.
        if (champion.retiredAt === null || champion.servesUntilReplaced)
          return { promotion: current, champion };
      }
      return this.decide(ctx, scope, { id, action: 'PROMOTE', before: current, baselineOverride });
    });
  }

  /**
   * Lets the version serve again that served before the present one.
   *
   * @throws AppError CONFLICT when there is none, or when it may not serve any more
   */
  async rollback(ctx: TenantContext, kind: string): Promise<Decided> {
    return this.inTenant(ctx, async (scope) => {
      await lockDecisions(scope, kind);
      const decisions = await scope.repository(Promotion).find({ kind }, { order: { sequence: 'ASC' } });
      const id = servingStack(decisions).at(-2);
      if (id === undefined) {
        throw new AppError(
          'CONFLICT',
          `No version of ${kind} served before the present one: there is nothing to go back to.`,
        );
      }
      return this.decide(ctx, scope, {
        id,
        action: 'ROLLBACK',
        before: decisions.at(-1) ?? null,
        baselineOverride: null,
      });
    });
  }

  private async decide(
    ctx: TenantContext,
    scope: TenantScope,
    { id, action, before, baselineOverride: given }: Decision,
  ): Promise<Decided> {
    const champion = await scope.repository(ModelVersion).getOrThrow(id);
    await assertServable(this.store(ctx), champion);
    // Who goes back goes back to what was let through once.
    const baselineOverride = action === 'PROMOTE' ? passBaseline(champion, given) : null;
    const promotion = await scope.repository(Promotion).insert({
      kind: champion.kind,
      modelVersionId: id,
      action,
      baselineOverride,
      promotedBy: ctx.actor.id,
    });
    await followPromotion(scope, ctx, promotion);
    recordChange(scope, ctx, {
      action: action === 'PROMOTE' ? 'MODEL_PROMOTED' : 'MODEL_ROLLED_BACK',
      objectId: id,
      before: before && { kind: before.kind, servingVersionId: before.modelVersionId },
      after: {
        kind: champion.kind,
        servingVersionId: id,
        number: champion.number,
        ...(baselineOverride !== null && { baselineOverride }),
      },
    });
    await scope.notify(MODEL_PROMOTED_CHANNEL, {
      tenantId: scope.tenantId,
      kind: champion.kind,
      modelVersionId: id,
    });
    return { promotion, champion };
  }

  private store(ctx: TenantContext): ObjectStore {
    return this.stores.forTenant(ctx.actor.tenantId);
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(ctx.actor.tenantId, work);
  }
}
