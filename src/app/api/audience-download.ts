import { Readable } from 'node:stream';
import { type FastifyInstance } from 'fastify';
import { AppError } from '../../errors';
import { uuidArgument } from '../../graphql/uuid-argument';
import { requireRole, requireTenant, type TenantContext } from '../../platform/tenancy/request-context';
import { type ScoringScores } from '../../services/scoring/scoring-scores';

interface AudienceRoute {
  Params: { id: string };
  Querystring: Readonly<Record<string, unknown>>;
}

/** Scored subjects above a threshold as CSV, written as it is read: memory does not grow with them. */
export function registerAudienceDownload(
  http: FastifyInstance,
  { scores }: { readonly scores: ScoringScores },
): void {
  http.get<AudienceRoute>('/downloads/scorings/:id/audience.csv', async (request, reply) => {
    const ctx = await http.identify(request);
    requireRole(ctx, 'TENANT_ADMIN', 'ANALYST');
    const tenant = requireTenant(ctx);
    const id = uuidArgument(request.params.id, 'id');
    const minProbability = numberOf(request.query, 'minProbability', 0);
    const cost = numberOf(request.query, 'contactCost', 0);
    const benefit = numberOf(request.query, 'purchaseBenefit', 0);
    // Whatever is wrong is said before the first line.
    await scores.total(tenant, id, minProbability);
    return reply
      .headers({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="audience-${id}.csv"`,
        'cache-control': 'private, no-cache',
        'x-content-type-options': 'nosniff',
      })
      .send(Readable.from(lines({ scores, tenant, id, minProbability, cost, benefit })));
  });
}

async function* lines({
  scores,
  tenant,
  id,
  minProbability,
  cost,
  benefit,
}: {
  readonly scores: ScoringScores;
  readonly tenant: TenantContext;
  readonly id: string;
  readonly minProbability: number;
  readonly cost: number;
  readonly benefit: number;
}): AsyncGenerator<string> {
  yield 'user_id,rank,probability,expected_profit\r\n';
  for await (const block of scores.each(tenant, id, { minProbability }))
    yield block
      .map(
        ({ exampleId, rank, probability }) =>
          `${cell(exampleId)},${rank},${probability},${benefit * probability - cost}\r\n`,
      )
      .join('');
}

/** RFC 4180: only what would be misread is quoted. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function numberOf(query: Readonly<Record<string, unknown>>, name: string, otherwise: number): number {
  const text = query[name];
  if (text === undefined) return otherwise;
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN;
  if (value >= 0 && value <= 1e9) return value;
  const message = 'must be a number from 0 to 1000000000';
  throw new AppError('BAD_USER_INPUT', `${name} ${message}`, [{ path: name, message }]);
}
