import { AppError } from '../../errors';
import { type CleaningStep } from '../../learning/preparation/cleaning/cleaning-step';
import { type CleaningProposal } from '../../learning/preparation/cleaning/propose';
import { twinOf } from '../../learning/preparation/cleaning/propose-rows';
import { recordChange } from '../../platform/audit/record-change';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { Dataset } from './dataset.entity';
import { CleaningDecision, type CleaningStatus } from './cleaning-decision.entity';
import { decisionsInForce } from './cleaning-in-force';
import { type DatasetProfilesService } from './dataset-profiles.service';

/** A proposal and what became of it. */
export interface DecidedProposal {
  readonly proposal: CleaningProposal;
  readonly status: CleaningStatus;
  readonly decidedAt: Date | null;
}

/** What could be mended in the datasets, and what people decided about it. */
export class DatasetCleaningService {
  constructor(
    private readonly database: Database,
    private readonly profiles: Pick<DatasetProfilesService, 'profile'>,
  ) {}

  /**
   * The proposals for a dataset as the configuration in force reads it, and earlier ones that are accepted still; null
   * while the profile is being made.
   * @throws AppError as `DatasetProfilesService.profile`
   */
  async proposals(ctx: TenantContext, datasetId: string): Promise<DecidedProposal[] | null> {
    const read = await this.profiles.profile(ctx, datasetId);
    if (!read) return null;
    const decisions = await this.database.inTenant(ctx.actor.tenantId, (scope) =>
      decisionsInForce(scope, datasetId),
    );
    const { cleaning } = read.profile;
    const proposed = new Set(cleaning.map(({ id }) => id));
    const earlier = [...decisions.values()].filter(
      ({ proposalId, decision }) => decision === 'ACCEPTED' && !proposed.has(proposalId),
    );
    return [...cleaning, ...earlier.map(({ proposal }) => proposal)].map((proposal) => {
      const decision = decisions.get(proposal.id);
      return {
        proposal,
        status: decision?.decision ?? 'OPEN',
        decidedAt: decision && decision.decision !== 'OPEN' ? decision.decidedAt : null,
      };
    });
  }

  /**
   * Accepts or refuses a proposal, or undoes that. Deciding the same twice is no error.
   * @throws AppError NOT_FOUND for the dataset or the proposal; CONFLICT while the profile is being made, or when a
   * proposal that excludes it is accepted
   */
  async decide(
    ctx: TenantContext,
    { datasetId, proposalId, status }: { datasetId: string; proposalId: string; status: CleaningStatus },
  ): Promise<Dataset> {
    const { tenantId, id: decidedBy } = ctx.actor;
    const proposals = await this.proposals(ctx, datasetId);
    if (!proposals)
      throw new AppError('CONFLICT', 'The proposals are being made: look at them before you decide.');
    const found = proposals.find(({ proposal }) => proposal.id === proposalId);
    if (!found)
      throw new AppError('NOT_FOUND', `no cleaning proposal of this dataset has the id "${proposalId}"`);
    return this.database.inTenant(tenantId, async (scope) => {
      // Locked: of two that exclude each other, one is accepted.
      const dataset = await scope.repository(Dataset).getForUpdate(datasetId);
      const decisions = await decisionsInForce(scope, datasetId);
      const before = decisions.get(proposalId)?.decision ?? 'OPEN';
      if (before === status) return dataset;
      if (status === 'ACCEPTED')
        for (const { decision, proposal } of decisions.values())
          if (decision === 'ACCEPTED' && excludes(proposal.step, found.proposal.step))
            throw new AppError('CONFLICT', `It cannot be accepted beside this one: ${proposal.description}`);
      await scope
        .repository(CleaningDecision)
        .insert({ datasetId, proposalId, proposal: found.proposal, decision: status, decidedBy });
      recordChange(scope, ctx, {
        action: 'CLEANING_DECIDED',
        objectId: datasetId,
        before: { proposalId, status: before },
        after: { proposalId, status },
      });
      return dataset;
    });
  }
}

/** Whether only one of two can hold: readings of one day, bounds, fills or rare categories of one column. */
function excludes(a: CleaningStep, b: CleaningStep): boolean {
  if (!('column' in a && 'column' in b) || a.column !== b.column || a.kind !== b.kind) return false;
  if (a.kind === 'READ_TIME_FORMAT' && b.kind === 'READ_TIME_FORMAT') return twinOf(a.format) === b.format;
  return a.kind === 'CLIP' || a.kind === 'MERGE_RARE' || a.kind === 'FILL_MISSING';
}
