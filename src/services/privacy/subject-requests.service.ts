import { AppError } from '../../errors';
import { type ObjectStores } from '../../platform/artifacts/object-store';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type Page, type PageRequest } from '../../platform/persistence/keyset';
import { type PrivacyKeys } from '../../platform/privacy/privacy-keys';
import { type SharedPrivacyKeys } from '../../platform/privacy/shared-privacy-keys';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type DomainsService } from '../domains/domains.service';
import { countedItems } from '../events/item-rates';
import { NOTHING_DONE } from './erasure/erasure-progress';
import { ErasedSubjects } from './erased-subjects';
import { type ExportResult, type ModelTreatment, SubjectRequest } from './subject-request.entity';

const MAX_SUBJECT = 10_000;
const MAX_GROUND = 1_000;

/** Whom a request is about. */
export interface SubjectOfRequest {
  readonly subjectId: string;
  /** A domain's kind; all domains unless given. */
  readonly domain?: string | null | undefined;
}

export interface NewErasure extends SubjectOfRequest {
  /** What becomes of the models that were trained on the subject. */
  readonly models: ModelTreatment;
  /** On which ground they are kept. */
  readonly legalGround?: string | null | undefined;
}

/** What people ask of the data about them: asked for and watched. The workers do it. */
export class SubjectRequestsService {
  constructor(
    private readonly database: Database,
    private readonly stores: ObjectStores,
    private readonly domains: DomainsService,
    private readonly keys: SharedPrivacyKeys,
  ) {}

  /**
   * Asks for a file of everything about a subject. Once this has returned it is made, whatever process dies.
   * @throws AppError BAD_USER_INPUT
   */
  async export(ctx: TenantContext, input: SubjectOfRequest): Promise<SubjectRequest> {
    const { subject, domains } = this.check(input);
    const { pseudonym } = await this.pseudonymOf(ctx, subject);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const request = await scope.repository(SubjectRequest).insert({
        ...{ type: 'EXPORT', domains, subject, pseudonym, state: 'QUEUED' },
        ...{ requestedBy: ctx.actor.id, requestId: ctx.requestId },
      });
      recordChange(scope, ctx, {
        action: 'SUBJECT_EXPORT_REQUESTED',
        objectId: request.id,
        before: null,
        after: { subject: pseudonym, domains },
      });
      return request;
    });
  }

  /**
   * Asks for a subject to be erased. From the moment of this returning nothing about it is taken any more, and what there is
   * goes, whatever process dies. Erasing somebody again finds what is left, and gives another receipt.
   * @throws AppError BAD_USER_INPUT; INVALID_CONFIGURATION when this process has not the privacy key of the others
   */
  async erase(ctx: TenantContext, input: NewErasure): Promise<SubjectRequest> {
    const { subject, domains } = this.check(input);
    const legalGround = checkGround(input);
    const { keys, pseudonym } = await this.pseudonymOf(ctx, subject);
    const configurations = await this.domains.currentOf(ctx, domains);
    const counted = Object.fromEntries(
      domains.map((domain, place) => {
        const spec = configurations[place]?.featureSpec;
        return [domain, spec ? countedItems(this.domains.catalogue.get(domain).items, spec) : null];
      }),
    );
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const [other] = await scope.query(
        'SELECT FROM erased_subjects WHERE tenant_id = $1 AND key_id <> $2 LIMIT 1',
        [scope.tenantId, keys.pseudonymKeyId],
      );
      if (other)
        throw new AppError(
          'INVALID_CONFIGURATION',
          'Subjects were erased with another privacy key than this process has: give all processes the same PROPENSITY_PRIVACY_KEY_FILE.',
        );
      const request = await scope.repository(SubjectRequest).insert({
        ...{
          type: 'ERASURE',
          domains,
          subject,
          pseudonym,
          models: input.models,
          legalGround,
          state: 'QUEUED',
        },
        progress: { ...NOTHING_DONE, counted },
        ...{ requestedBy: ctx.actor.id, requestId: ctx.requestId },
      });
      recordChange(scope, ctx, {
        action: 'SUBJECT_ERASURE_REQUESTED',
        objectId: request.id,
        before: null,
        after: { subject: pseudonym, domains, models: input.models },
      });
      await ErasedSubjects.add(scope, { keys, subjectId: subject, domains, requestId: request.id });
      return request;
    });
  }

  /**
   * Lets an erased subject come back: events and rows about it are taken again.
   * @returns the domains in which it was erased
   * @throws AppError BAD_USER_INPUT
   */
  async allow(ctx: TenantContext, input: SubjectOfRequest): Promise<string[]> {
    const { subject, domains } = this.check(input);
    const { pseudonym } = await this.pseudonymOf(ctx, subject);
    return this.database.inTenant(ctx.actor.tenantId, async (scope) => {
      const gone = await scope.query<{ domain: string }>(
        `DELETE FROM erased_subjects WHERE tenant_id = $1 AND pseudonym = $2 AND domain = ANY ($3)
         RETURNING domain`,
        [scope.tenantId, pseudonym, domains],
      );
      const allowed = gone.map(({ domain }) => domain).sort();
      if (allowed.length > 0)
        recordChange(scope, ctx, {
          action: 'SUBJECT_ALLOWED',
          objectId: pseudonym,
          before: { domains: allowed },
          after: { domains: [] },
        });
      return allowed;
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(ctx: TenantContext, id: string): Promise<SubjectRequest> {
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(SubjectRequest).getOrThrow(id),
    );
  }

  /** Newest first; of one subject or of all. */
  async list(
    ctx: TenantContext,
    { subjectId, ...page }: PageRequest & { subjectId?: string | null | undefined },
  ): Promise<Page<SubjectRequest>> {
    const where = subjectId == null ? {} : { pseudonym: (await this.pseudonymOf(ctx, subjectId)).pseudonym };
    return this.database.inTenant(ctx.actor.tenantId, (scope) =>
      scope.repository(SubjectRequest).page(page, { where, orderBy: 'sequence' }),
    );
  }

  /**
   * A local copy of an export, not to be changed.
   * @throws AppError NOT_FOUND, also when its time is over; CONFLICT when it is not made yet
   */
  async localCopy(ctx: TenantContext, id: string): Promise<{ sha256: string; path: string }> {
    const { type, state, result, expiresAt } = await this.get(ctx, id);
    if (type !== 'EXPORT') throw new AppError('NOT_FOUND', 'The request is not for an export.');
    if (state !== 'SUCCEEDED')
      throw new AppError('CONFLICT', 'The export is not made yet: wait until its state is SUCCEEDED.');
    const { sha256 } = result as ExportResult;
    if (sha256 === null || (expiresAt !== null && expiresAt <= new Date()))
      throw new AppError('NOT_FOUND', 'The file is gone: ask for another export.');
    return { sha256, path: await this.stores.forTenant(ctx.actor.tenantId).localPath(sha256) };
  }

  /** By which anybody can check receipts. */
  async signingKey(): Promise<Pick<PrivacyKeys, 'keyId' | 'publicKey'>> {
    const { keyId, publicKey } = await this.keys.get();
    return { keyId, publicKey };
  }

  private async pseudonymOf(ctx: TenantContext, subject: string) {
    const keys = await this.keys.get();
    return { keys, pseudonym: keys.pseudonym(ctx.actor.tenantId, subject.trim()) };
  }

  private check({ subjectId, domain }: SubjectOfRequest): { subject: string; domains: string[] } {
    const subject = subjectId.trim();
    if (subject === '' || subject.length > MAX_SUBJECT || subject.includes('\0')) {
      const message = `must be the id of a subject, 1 to ${MAX_SUBJECT} characters`;
      throw new AppError('BAD_USER_INPUT', `The field "subjectId" ${message}.`, [
        { path: 'subjectId', message },
      ]);
    }
    const { catalogue } = this.domains;
    const domains = domain == null ? catalogue.list().map(({ kind }) => kind) : [catalogue.get(domain).kind];
    return { subject, domains };
  }
}

function checkGround({ models, legalGround }: NewErasure): string | null {
  const ground = legalGround?.trim() ?? '';
  const fits = models === 'KEEP' ? ground !== '' && ground.length <= MAX_GROUND : ground === '';
  if (fits) return ground === '' ? null : ground;
  const message =
    models === 'KEEP'
      ? `must say why models that learnt from the subject may be kept, in 1 to ${MAX_GROUND} characters`
      : 'is only of models that are kept: leave it out';
  throw new AppError('BAD_USER_INPUT', `The field "legalGround" ${message}.`, [
    { path: 'legalGround', message },
  ]);
}
