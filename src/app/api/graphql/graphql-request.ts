import { AppError } from '../../../errors';

/** A request as GraphQL over HTTP has it. */
export interface GraphqlRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Takes the body of a request apart. It may hold more than is read here, which the specification reserves.
 * @throws AppError BAD_USER_INPUT
 */
export function readGraphqlRequest(body: unknown, known: string | null): GraphqlRequest {
  if (Array.isArray(body)) throw refused('Operations are sent one by one: this is a list.');
  if (!isObject(body)) throw refused('The body has to be a JSON object with the operation as "query".');
  const { query, operationName, variables, extensions } = body;
  const source = known ?? query;
  if (typeof source !== 'string' || source === '')
    throw refused('The operation is missing: send it as text in "query".');
  if (operationName != null && typeof operationName !== 'string')
    throw refused('"operationName" has to be text.');
  if (variables != null && !isObject(variables)) throw refused('"variables" has to be a JSON object.');
  if (extensions != null && !isObject(extensions)) throw refused('"extensions" has to be a JSON object.');
  // An empty name is none.
  const name = operationName == null || operationName === '' ? null : operationName;
  return { query: source, operationName: name, variables: variables ?? {} };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(message: string): AppError {
  return new AppError('BAD_USER_INPUT', message);
}
