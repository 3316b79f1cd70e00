import { z } from 'zod';
import { AppError } from '../../src/errors';
import { plainInput } from '../../src/graphql/policies/plain-input';
import { schemaIssues } from '../../src/services/domains/schema-issues';
import { type StressScenario, USUAL_SCENARIOS } from './portfolio';

const schema = z
  .array(
    z.strictObject({
      name: z.string().trim().min(1).max(80),
      oddsMultiplier: z.number().min(0.01).max(100).default(1),
      lossGivenDefaultMultiplier: z.number().min(0).max(10).default(1),
      limitUtilization: z.number().min(0).max(1).nullable().default(null),
    }),
  )
  .max(10);

/** @throws AppError BAD_USER_INPUT with the path of each issue, from `input.scenarios` on */
export function readScenarios(input: readonly object[] | null | undefined): readonly StressScenario[] {
  if (input == null) return USUAL_SCENARIOS;
  const parsed = schema.safeParse(input.map(plainInput));
  if (parsed.success) return parsed.data;
  const issues = schemaIssues(parsed.error, 'input.scenarios');
  throw new AppError('BAD_USER_INPUT', `${issues[0]?.path}: ${issues[0]?.message}.`, issues);
}
