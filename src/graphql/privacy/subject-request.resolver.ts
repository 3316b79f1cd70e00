import { Arg, Args, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireTenant } from '../../platform/tenancy/request-context';
import { type Role } from '../../platform/tenancy/role';
import { SubjectRequestsService } from '../../services/privacy/subject-requests.service';
import { ADMINS, TENANT_MEMBERS } from '../authorization';
import { type Connection, PageArgs } from '../connections/connection';
import { type GraphqlContext } from '../context';
import { COST } from '../limits/cost';
import { outcome } from '../results/outcome';
import { InvalidInput } from '../results/shared-errors';
import { uuidArgument } from '../uuid-argument';
import { PrivacySigningKey } from './erasure-receipt';
import {
  AllowSubjectInput,
  AllowSubjectResult,
  AllowSubjectSuccess,
  EraseSubjectInput,
  EraseSubjectResult,
  EraseSubjectSuccess,
  ExportSubjectInput,
  ExportSubjectResult,
  ExportSubjectSuccess,
  SubjectRequest,
  SubjectRequestConnection,
} from './subject-request';

@Resolver(() => SubjectRequest)
export class SubjectRequestResolver {
  constructor(private readonly requests: SubjectRequestsService) {}

  @Authorized<Role>(ADMINS)
  @Mutation(() => ExportSubjectResult, {
    complexity: COST.JOB,
    description:
      'Collects everything about a subject into one file: events, rows of datasets, scores, recorded predictions with their outcomes, and what else is kept of them. Roles: TENANT_ADMIN.',
  })
  async exportSubject(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => ExportSubjectInput, { description: 'Whose data.' }) input: ExportSubjectInput,
  ): Promise<typeof ExportSubjectResult> {
    return outcome([InvalidInput], async () => {
      const request = await this.requests.export(requireTenant(ctx), input);
      return Object.assign(new ExportSubjectSuccess(), { request: SubjectRequest.from(request) });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => EraseSubjectResult, {
    complexity: COST.JOB,
    description:
      'Erases a subject from events, datasets, predictions, scores and all that is kept of them, and keeps it from coming back with an old file or a late event. Gives a signed receipt. Roles: TENANT_ADMIN.',
  })
  async eraseSubject(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => EraseSubjectInput, { description: 'Who, and what becomes of the models.' })
    input: EraseSubjectInput,
  ): Promise<typeof EraseSubjectResult> {
    return outcome([InvalidInput], async () => {
      const request = await this.requests.erase(requireTenant(ctx), input);
      return Object.assign(new EraseSubjectSuccess(), { request: SubjectRequest.from(request) });
    });
  }

  @Authorized<Role>(ADMINS)
  @Mutation(() => AllowSubjectResult, {
    complexity: COST.CHANGE,
    description:
      'Lets an erased subject come back: events and rows about it are taken again from now on. What was erased stays so. Roles: TENANT_ADMIN.',
  })
  async allowSubject(
    @Ctx() ctx: GraphqlContext,
    @Arg('input', () => AllowSubjectInput, { description: 'Who.' }) input: AllowSubjectInput,
  ): Promise<typeof AllowSubjectResult> {
    return outcome([InvalidInput], async () => {
      const domains = await this.requests.allow(requireTenant(ctx), input);
      return Object.assign(new AllowSubjectSuccess(), { domains });
    });
  }

  @Authorized<Role>(ADMINS)
  @Query(() => SubjectRequest, {
    nullable: true,
    description:
      'One request about a subject. Error `NOT_FOUND` when your tenant has none with this id. Roles: TENANT_ADMIN.',
  })
  async subjectRequest(
    @Ctx() ctx: GraphqlContext,
    @Arg('id', () => ID, { description: "The request's id." }) id: string,
  ): Promise<SubjectRequest> {
    return SubjectRequest.from(await this.requests.get(requireTenant(ctx), uuidArgument(id, 'id')));
  }

  @Authorized<Role>(ADMINS)
  @Query(() => SubjectRequestConnection, {
    description: 'What was asked of the data about subjects, newest first. Roles: TENANT_ADMIN.',
  })
  async subjectRequests(
    @Ctx() ctx: GraphqlContext,
    @Args(() => PageArgs) { first, after }: PageArgs,
    @Arg('subjectId', () => ID, { nullable: true, description: 'Only requests about this subject.' })
    subjectId?: string,
  ): Promise<Connection<SubjectRequest>> {
    return SubjectRequestConnection.from(
      await this.requests.list(requireTenant(ctx), { first, after, subjectId }),
      (entity) => SubjectRequest.from(entity),
    );
  }

  @Authorized<Role>(TENANT_MEMBERS)
  @Query(() => PrivacySigningKey, {
    description:
      'The key by which receipts of erasures can be checked. Roles: TENANT_ADMIN, ANALYST, SERVICE.',
  })
  async privacySigningKey(@Ctx() ctx: GraphqlContext): Promise<PrivacySigningKey> {
    requireTenant(ctx);
    return Object.assign(new PrivacySigningKey(), await this.requests.signingKey());
  }
}
