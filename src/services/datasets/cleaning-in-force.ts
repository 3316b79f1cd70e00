import { type FeatureSpec } from '../../learning/features/feature-spec';
import { applies, inOrder } from '../../learning/preparation/cleaning/cleaning-step';
import { appliesToEntity } from '../../learning/preparation/cleaning/entity-steps';
import { type CleaningProposal } from '../../learning/preparation/cleaning/propose';
import { type ColumnMapping } from '../../learning/preparation/mapping/column-mapping';
import { type TenantScope } from '../../platform/persistence/tenant-scope';
import { CleaningDecision } from './cleaning-decision.entity';

/** The newest decision about each proposal of a dataset, by the proposal's id. */
export async function decisionsInForce(
  scope: TenantScope,
  datasetId: string,
): Promise<Map<string, CleaningDecision>> {
  const decisions = await scope
    .repository(CleaningDecision)
    .find({ datasetId }, { order: { sequence: 'ASC' } });
  return new Map(decisions.map((decision) => [decision.proposalId, decision]));
}

/** How a configuration reads a file: of rows or events, or of an entity. */
interface ReadFile {
  readonly spec: FeatureSpec;
  readonly mapping: ColumnMapping;
  readonly entity?: string;
}

/** What was accepted of a dataset and changes something for this configuration, in the order in which it is applied. */
export async function acceptedCleaning(
  scope: TenantScope,
  datasetId: string,
  { spec, mapping, entity }: ReadFile,
): Promise<CleaningProposal[]> {
  const decisions = await decisionsInForce(scope, datasetId);
  const accepted = [...decisions.values()].filter(({ decision }) => decision === 'ACCEPTED');
  return inOrder(accepted.map(({ proposal }) => proposal)).filter(({ step }) =>
    entity === undefined
      ? applies(spec, mapping, step)
      : appliesToEntity(spec, { name: entity, mapping }, step),
  );
}
