import { AppError, type Issue } from '../../errors';
import { schemaIssues } from '../domains/schema-issues';
import { type ActivePolicy, type PolicyDefinition } from './policy-definition';
import { type Policy } from './policy.entity';

/** What a document may take, as JSON. */
const MAX_BYTES = 64 * 1024;

/**
 * A document as a person wrote it, checked and complete.
 * @throws AppError INVALID_CONFIGURATION with the path of each issue, from `policy` on
 */
export function checkPolicy<P extends object>(definition: PolicyDefinition<P>, document: object): P {
  const text = JSON.stringify(document);
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw invalid(definition.kind, [{ path: 'policy', message: `at most ${MAX_BYTES} bytes as JSON` }]);
  if (text.includes('\\u0000'))
    throw invalid(definition.kind, [
      { path: 'policy', message: 'the character U+0000 is not allowed in any text' },
    ]);
  const parsed = definition.schema.safeParse(document);
  if (parsed.success) return parsed.data;
  throw invalid(definition.kind, schemaIssues(parsed.error, 'policy'));
}

/** @throws AppError INVALID_CONFIGURATION when a newer release of the domain cannot decide by what was stored */
export function storedPolicy<P extends object>(
  definition: PolicyDefinition<P>,
  stored: Policy | null,
): ActivePolicy<P> {
  if (!stored) return { id: null, version: 0, policy: definition.schema.parse(definition.standard) };
  const parsed = definition.schema.safeParse(stored.document);
  if (parsed.success) return { id: stored.id, version: stored.version, policy: parsed.data };
  throw new AppError(
    'INVALID_CONFIGURATION',
    `Version ${stored.version} of the policy of ${definition.kind} does not fit this release any more: draft another one.`,
    schemaIssues(parsed.error, 'policy'),
  );
}

function invalid(kind: string, issues: readonly Issue[]): AppError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new AppError(
    'INVALID_CONFIGURATION',
    `The policy of ${kind} is not valid: ${first ? `${first.path}: ${first.message}` : ''}${more}.`,
    issues,
  );
}
