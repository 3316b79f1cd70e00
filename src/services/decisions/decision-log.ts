import { isDeepStrictEqual } from 'node:util';
import { type Database } from '../../platform/persistence/database';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type PoliciesService } from '../policies/policies.service';
import {
  type ActivePolicy,
  type DecisionQuestion,
  type PolicyDefinition,
} from '../policies/policy-definition';
import { GroupCommit } from '../prediction/log/group-commit';
import { Recording } from '../prediction/log/recording';
import { type Decided, type DecidedAgain } from './recorded-decision';

const INSERT = `
INSERT INTO prediction_decisions (tenant_id, prediction_id, policy_version, circumstances, decision)
SELECT $1, row.* FROM unnest($2::uuid[], $3::int[], $4::jsonb[], $5::jsonb[]) AS row
ON CONFLICT (tenant_id, prediction_id) DO NOTHING`;

interface Row {
  readonly predictionId: string;
  readonly policyVersion: number;
  readonly circumstances: string;
  readonly decision: string;
}

/** What a decision is made of. */
export interface Deciding<P extends object> {
  readonly definition: PolicyDefinition<P>;
  readonly policy: P;
  readonly policyVersion: number;
  readonly question: DecisionQuestion;
}

/** Keeps what was decided about recorded predictions, and decides it again. */
export class DecisionLog {
  private readonly commits: GroupCommit<Row>;

  constructor(
    private readonly database: Pick<Database, 'inTenant'>,
    private readonly policies: Pick<PoliciesService, 'active' | 'read' | 'definition'>,
    /** Told of a decision that was to be recorded without being asked for, and was not. */
    private readonly onUnrecorded: (error: unknown, tenantId: string) => void,
  ) {
    this.commits = new GroupCommit<Row>({
      commit: (tenantId, rows) => this.insert(tenantId, rows),
      bytesOf: ({ circumstances, decision }) => circumstances.length + decision.length + 100,
    });
  }

  /** By what the tenant decides now. @throws as `PoliciesService.active` */
  active<P extends object>(ctx: TenantContext, definition: PolicyDefinition<P>): Promise<ActivePolicy<P>> {
    return this.policies.active(ctx, definition);
  }

  /**
   * The way to the id of a prediction that something was decided about: the prediction is recorded, then the decision, and
   * then its id is given away. It is to take the place of the prediction's own. What was recorded without being asked for
   * has its decision recorded at once; an answer that promises no id does not fail when that fails.
   */
  async recording<P extends object>(
    tenantId: string,
    prediction: Recording,
    deciding: Deciding<P>,
  ): Promise<Recording> {
    const record = async (): Promise<string> => {
      const id = await prediction.id();
      const { policyVersion, circumstances, decision } = decide(deciding);
      await this.commits.add(tenantId, {
        predictionId: id,
        policyVersion,
        circumstances: JSON.stringify(circumstances),
        decision: JSON.stringify(decision),
      });
      return id;
    };
    const recording = new Recording(record);
    if (prediction.isRecorded)
      await recording.id().catch((error: unknown) => {
        this.onUnrecorded(error, tenantId);
      });
    return recording;
  }

  /** Null: nothing was decided about it under a policy. */
  async get(tenantId: string, predictionId: string): Promise<Decided | null> {
    const [row] = await this.database.inTenant(tenantId, (scope) =>
      scope.query<Decided>(
        `SELECT policy_version AS "policyVersion", circumstances, decision FROM prediction_decisions
          WHERE tenant_id = $1 AND prediction_id = $2`,
        [tenantId, predictionId],
      ),
    );
    return row ?? null;
  }

  /**
   * Decides again about a prediction, by the version of the policy that decided.
   * @returns null when nothing was decided about it
   * @throws AppError INVALID_CONFIGURATION when a newer release cannot decide by that version
   */
  async again(
    ctx: TenantContext,
    { id, domain, probability, record }: Replayed,
  ): Promise<DecidedAgain | null> {
    const decided = await this.get(ctx.actor.tenantId, id);
    if (!decided) return null;
    const { policyVersion, circumstances } = decided;
    const definition = this.policies.definition(domain);
    const { policy } = await this.policies.read(ctx, definition, policyVersion);
    const { decision } = decide({
      ...{ definition, policy, policyVersion },
      question: { probability, record, circumstances },
    });
    return { policyVersion, decision, identical: isDeepStrictEqual(decision, decided.decision) };
  }

  private async insert(tenantId: string, rows: readonly Row[]): Promise<void> {
    await this.database.inTenant(tenantId, (scope) =>
      scope.query(INSERT, [
        tenantId,
        rows.map(({ predictionId }) => predictionId),
        rows.map(({ policyVersion }) => policyVersion),
        rows.map(({ circumstances }) => circumstances),
        rows.map(({ decision }) => decision),
      ]),
    );
  }
}

/** A prediction that is computed again. */
export interface Replayed {
  readonly id: string;
  readonly domain: string;
  readonly probability: number;
  readonly record: DecisionQuestion['record'];
}

function decide<P extends object>({ definition, policy, policyVersion, question }: Deciding<P>): Decided {
  if (!definition.decide) throw new Error(`the policy of ${definition.kind} decides about no prediction`);
  // As it is stored and read again.
  const decision = JSON.parse(JSON.stringify(definition.decide(policy, question))) as object;
  return { policyVersion, circumstances: question.circumstances, decision };
}
