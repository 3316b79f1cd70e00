import { type DocumentNode, type GraphQLError, Kind, parse } from 'graphql';
import { AppError, type Issue } from '../../errors';
import { measureOperations, type Measures } from './measure-operations';

/** What a document may hold, before anything in it is looked up in the schema. */
export interface DocumentLimits {
  readonly tokens: number;
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  readonly rootFields: number;
}

/** What to do about a document that is over a limit. */
const ADVICE: Record<keyof Measures, string> = {
  depth: 'levels of fields; ask for what lies deeper in a request of its own',
  fields: 'fields, with fragments written out; ask for fewer, or in several requests',
  aliases: 'aliases, with fragments written out; use a field that takes a list, or several requests',
  directives: 'directives, with fragments written out; leave some out',
  rootFields: 'queries or mutations at its root; send them in several requests',
};

/**
 * Parses a document within the limits. It goes before validation, whose own work grows with the square of a document.
 *
 * @returns null when it is no GraphQL: whoever executes it says where
 * @throws AppError OPERATION_TOO_LARGE with an issue for each limit that it is over
 */
export function parseWithin(source: string, limits: DocumentLimits): DocumentNode | null {
  const document = parsed(source, limits.tokens);
  if (document === null) return null;
  const issues: Issue[] = [];
  for (const [name, measures] of measureOperations(document)) {
    for (const key of Object.keys(ADVICE) as (keyof Measures)[]) {
      if (measures[key] <= limits[key]) continue;
      const found = Number.isFinite(measures[key]) ? `${measures[key]} ` : 'countless ';
      issues.push({
        path: name,
        message: `has ${found}${ADVICE[key]}: ${limits[key]} at most (${key})`,
      });
    }
  }
  if (issues.length === 0) return document;
  const said = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new AppError('OPERATION_TOO_LARGE', `The document is too large: ${said}.`, issues);
}

function parsed(source: string, maxTokens: number): DocumentNode | null {
  try {
    const document = parse(source, { maxTokens });
    return document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION) ? document : null;
  } catch (error) {
    // The parser has one error for everything, and says this one in words alone.
    if (!(error as GraphQLError).message.includes(`more that ${maxTokens} tokens`)) return null;
    const message = `has more than ${maxTokens} tokens: pass values as variables, which do not count, and ask for less`;
    throw new AppError('OPERATION_TOO_LARGE', `The document is too large: it ${message}.`, [
      { path: 'query', message },
    ]);
  }
}
