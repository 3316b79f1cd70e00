import { z } from 'zod';
import { AppError } from '../../errors';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainCatalogue } from '../domains/domain-catalogue';
import { ActivePolicies } from './active-policies';
import { policyInForce } from './policy-in-force';
import { PolicyActivation, type PolicyAction } from './policy-activation.entity';
import { type ActivePolicy, type PolicyDefinition } from './policy-definition';
import { checkPolicy, storedPolicy } from './policy-document';
import { Policy } from './policy.entity';

/** NOTIFY channel; payload `{tenantId, kind}`, delivered when the decision commits. */
export const POLICY_CHANNEL = 'policy_decided';

const MAX_NOTE = 500;
const announcement = z.object({ tenantId: z.string(), kind: z.string() });

/** What tenants decide by: policies that were written, and which of them is in force. */
export class PoliciesService {
  readonly #inForce: ActivePolicies<Policy | null>;
  /** Documents are read once, not with every request. */
  readonly #read = new WeakMap<Policy | PolicyDefinition, ActivePolicy<object>>();

  constructor(
    private readonly database: Database,
    private readonly catalogue: DomainCatalogue,
  ) {
    this.#inForce = new ActivePolicies({
      find: (tenantId, kind) => database.inTenant(tenantId, (scope) => policyInForce(scope, kind)),
    });
  }

  /**
   * What the tenant decides by now: a lookup in memory but for once in a while.
   * @throws AppError INVALID_CONFIGURATION when a newer release cannot decide by it
   */
  async active<P extends object>(
    ctx: TenantContext,
    definition: PolicyDefinition<P>,
  ): Promise<ActivePolicy<P>> {
    const stored = await this.#inForce.current(ctx.actor.tenantId, definition.kind);
    const source = stored ?? definition;
    const known = this.#read.get(source);
    if (known) return known as ActivePolicy<P>;
    const active = storedPolicy(definition, stored);
    this.#read.set(source, active);
    return active;
  }

  /**
   * A version of the tenant's policy; the one in force where absent, the domain's default for 0.
   * @throws AppError NOT_FOUND; INVALID_CONFIGURATION when a newer release cannot decide by it
   */
  async read<P extends object>(
    ctx: TenantContext,
    definition: PolicyDefinition<P>,
    version?: number | null,
  ): Promise<ActivePolicy<P>> {
    if (version == null) return this.active(ctx, definition);
    return storedPolicy(definition, version === 0 ? null : await this.version(ctx, definition.kind, version));
  }

  /** The row of what is in force; null: the domain's default. */
  async inForce(ctx: TenantContext, kind: string): Promise<Policy | null> {
    return this.#inForce.current(ctx.actor.tenantId, kind);
  }

  /** @throws AppError NOT_FOUND */
  async version(ctx: TenantContext, kind: string, version: number): Promise<Policy> {
    const found = await this.inTenant(ctx, (scope) => scope.repository(Policy).findOne({ kind, version }));
    if (found) return found;
    throw new AppError('NOT_FOUND', `there is no version ${version} of the policy of ${kind}`);
  }

  /** What was written, newest first. */
  async list(ctx: TenantContext, kind: string, page: PageRequest): Promise<Page<Policy>> {
    return this.inTenant(ctx, (scope) =>
      scope.repository(Policy).page(page, { where: { kind }, orderBy: 'version' }),
    );
  }

  /** The decisions about which is in force, newest first. */
  async activations(ctx: TenantContext, kind: string, page: PageRequest): Promise<Page<PolicyActivation>> {
    return this.inTenant(ctx, (scope) =>
      scope.repository(PolicyActivation).page(page, { where: { kind }, orderBy: 'sequence' }),
    );
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<Policy> {
    return this.inTenant(ctx, (scope) => scope.repository(Policy).getOrThrow(id));
  }

  /**
   * Writes a policy, which changes nothing until it is activated.
   * @throws AppError INVALID_CONFIGURATION with the path of each issue
   */
  async draft(
    ctx: TenantContext,
    definition: PolicyDefinition,
    { document, note }: { document: object; note?: string | null | undefined },
  ): Promise<Policy> {
    const { kind } = definition;
    const checked = checkPolicy(definition, document);
    if (note != null && (note.length === 0 || note.length > MAX_NOTE || note.includes('\u0000')))
      throw new AppError('INVALID_CONFIGURATION', `note: 1 to ${MAX_NOTE} characters.`, [
        { path: 'note', message: `1 to ${MAX_NOTE} characters` },
      ]);
    return this.inTenant(ctx, async (scope) => {
      await oneAfterTheOther(scope, kind);
      const repository = scope.repository(Policy);
      const newest = await repository.findOne({ kind }, { order: { version: 'DESC' } });
      const policy = await repository.insert({
        kind,
        version: (newest?.version ?? 0) + 1,
        document: checked,
        note: note ?? null,
        createdBy: ctx.actor.id,
      });
      recordChange(scope, ctx, {
        action: 'POLICY_DRAFTED',
        objectId: kind,
        before: null,
        after: { policyId: policy.id, version: policy.version, document: checked },
      });
      return policy;
    });
  }

  /**
   * Puts a policy in force. Activating what is in force changes nothing.
   * @throws AppError NOT_FOUND; INVALID_CONFIGURATION when a newer release cannot decide by it
   */
  async activate(ctx: TenantContext, id: string): Promise<Policy> {
    const policy = await this.get(ctx, id);
    storedPolicy(this.definition(policy.kind), policy);
    await this.decide(ctx, policy.kind, (_scope, before) =>
      Promise.resolve(before?.id === id ? null : { action: 'ACTIVATE', policy }),
    );
    return policy;
  }

  /**
   * Puts the policy in force again that was before the present one; before the first was the domain's default.
   * @returns null: the domain's default
   * @throws AppError CONFLICT when none was activated, INVALID_CONFIGURATION when it does not fit any more
   */
  async rollback(ctx: TenantContext, kind: string): Promise<Policy | null> {
    const definition = this.definition(kind);
    let policy: Policy | null = null;
    await this.decide(ctx, kind, async (scope) => {
      const decisions = await scope
        .repository(PolicyActivation)
        .find({ kind }, { order: { sequence: 'ASC' } });
      const stack: (string | null)[] = [];
      for (const { action, policyId } of decisions) {
        if (action === 'ROLLBACK') stack.pop();
        else stack.push(policyId);
      }
      if (stack.length === 0)
        throw new AppError(
          'CONFLICT',
          `The default policy of ${kind} is in force, and there is none before it: there is nothing to go back to.`,
        );
      const id = stack.at(-2) ?? null;
      policy = id === null ? null : await scope.repository(Policy).getOrThrow(id);
      storedPolicy(definition, policy);
      return { action: 'ROLLBACK', policy };
    });
    return policy;
  }

  /** To be called with what comes through {@link POLICY_CHANNEL}. */
  announce(payload: unknown): void {
    const { data } = announcement.safeParse(payload);
    if (data) this.#inForce.announce(data.tenantId, data.kind);
  }

  /** Announcements may have been missed: everything is read again. */
  resync(): void {
    this.#inForce.distrust();
  }

  /** @throws AppError BAD_USER_INPUT when there is no such domain */
  isDecidedByPolicy(kind: string): boolean {
    return this.catalogue.get(kind).policy !== undefined;
  }

  /** @throws AppError BAD_USER_INPUT when there is no such domain, or it has no policy */
  definition(kind: string): PolicyDefinition {
    const { policy } = this.catalogue.get(kind);
    if (policy) return policy;
    throw new AppError('BAD_USER_INPUT', `The domain ${kind} decides by no policy.`, [
      { path: 'kind', message: 'has no policy' },
    ]);
  }

  private async decide(
    ctx: TenantContext,
    kind: string,
    choose: (
      scope: TenantScope,
      before: Policy | null,
    ) => Promise<{ action: PolicyAction; policy: Policy | null } | null>,
  ): Promise<void> {
    await this.inTenant(ctx, async (scope) => {
      await oneAfterTheOther(scope, kind);
      const before = await policyInForce(scope, kind);
      const chosen = await choose(scope, before);
      if (!chosen) return;
      const { action, policy } = chosen;
      await scope.repository(PolicyActivation).insert({
        kind,
        policyId: policy?.id ?? null,
        action,
        decidedBy: ctx.actor.id,
      });
      recordChange(scope, ctx, {
        action: action === 'ACTIVATE' ? 'POLICY_ACTIVATED' : 'POLICY_ROLLED_BACK',
        objectId: kind,
        before: summary(before),
        after: summary(policy),
      });
      await scope.notify(POLICY_CHANNEL, { tenantId: scope.tenantId, kind });
    });
    // Whoever asks this process next need not wait for the announcement.
    this.#inForce.announce(ctx.actor.tenantId, kind);
  }

  private inTenant<T>(ctx: TenantContext, work: (scope: TenantScope) => Promise<T>): Promise<T> {
    return this.database.inTenant(ctx.actor.tenantId, work);
  }
}

function summary(policy: Policy | null): object {
  return { policyId: policy?.id ?? null, version: policy?.version ?? 0 };
}

/** Decisions about one kind happen one after the other, so that their order is the order of their commits. */
async function oneAfterTheOther(scope: TenantScope, kind: string): Promise<void> {
  await scope.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `policies ${scope.tenantId} ${kind}`,
  ]);
}
