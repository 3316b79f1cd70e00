import { type core, type ZodError } from 'zod';
import { type Issue } from '../../errors';

type SchemaIssue = core.$ZodIssue;

/** What is wrong with a value, each with its path from a root on. */
export function schemaIssues(error: ZodError, root: string): Issue[] {
  return error.issues.flatMap(explained).map(({ path, message }) => ({
    path: [root, ...path.map(String)].join('.'),
    message,
  }));
}

/** Where none of several forms fits, what is wrong with the one that was most likely meant. */
function explained(issue: SchemaIssue): Pick<SchemaIssue, 'path' | 'message'>[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const [first = [], ...others] = issue.errors;
  const nearest = others.reduce((best, form) => (distance(form) < distance(best) ? form : best), first);
  return nearest.flatMap(explained).map(({ path, message }) => ({ path: [...issue.path, ...path], message }));
}

/** Keys that a form does not know are further off than values that it cannot read, another type altogether further still. */
function distance(issues: readonly SchemaIssue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + 10 * issue.keys.length;
    return sum + (issue.code === 'invalid_type' && issue.path.length === 0 ? 1000 : 1);
  }, 0);
}
