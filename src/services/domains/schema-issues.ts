import { type core, type ZodError } from 'zod';
import { type Issue } from '../../errors';
import { FORMER_KEYS } from '../../learning/features/stored-spec';

type SchemaIssue = core.$ZodIssue;

/** What is wrong with a value, each with its path from a root on. */
export function schemaIssues(error: ZodError, root: string): Issue[] {
  return error.issues.flatMap(explained).map((issue) => ({
    path: [root, ...issue.path.map(String)].join('.'),
    message: messageOf(issue),
  }));
}

/** Where none of several forms fits, what is wrong with the one that was most likely meant. */
function explained(issue: SchemaIssue): SchemaIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const [first = [], ...others] = issue.errors;
  const nearest = others.reduce((best, form) => (distance(form) < distance(best) ? form : best), first);
  return nearest.flatMap(explained).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Keys that a form does not know are further off than values that it cannot read, another type altogether further still. */
function distance(issues: readonly SchemaIssue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + 10 * issue.keys.length;
    return sum + (issue.code === 'invalid_type' && issue.path.length === 0 ? 1000 : 1);
  }, 0);
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** What is wrong, and what to give instead. */
function messageOf(issue: SchemaIssue): string {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    const wanted = TYPES[issue.expected] ?? issue.expected;
    return issue.message.endsWith('received undefined') ? `is missing: give ${wanted}` : `must be ${wanted}`;
  }
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const former = issue.keys.filter((key) => Object.hasOwn(FORMER_KEYS, key));
  const hints = former.map((key) => `${key} is now ${FORMER_KEYS[key]}`);
  return [issue.message, ...hints].join('; ');
}
