import { type GraphQLSchema } from 'graphql';
import { AppError } from '../errors';

/** What is reached beside GraphQL, by the first part of its path. */
const ROUTES = ['uploads', 'downloads'];

/**
 * Sees to it that every name is that of a field of Query, Mutation or Subscription, or of a route beside GraphQL.
 * @param path where the names stand in the input
 * @throws AppError BAD_USER_INPUT with an issue for each that is not
 */
export function checkOperationNames(names: readonly string[], schema: GraphQLSchema, path: string): void {
  const known = new Set([
    ...ROUTES,
    ...[schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}),
    ),
  ]);
  const message = `must be a field of Query, Mutation or Subscription, or one of ${ROUTES.join(', ')}`;
  const issues = names.flatMap((name, i) => (known.has(name) ? [] : [{ path: `${path}.${i}`, message }]));
  if (issues.length > 0)
    throw new AppError('BAD_USER_INPUT', `There is no such operation: each ${message}.`, issues);
}
