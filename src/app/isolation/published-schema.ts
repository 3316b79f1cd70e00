import { readFile } from 'node:fs/promises';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type GraphQLField,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import { AppError, messageOf } from '../../errors';
import { type Party } from './party';

export type OperationKind = 'query' | 'mutation' | 'subscription';

/** A field that an operation can begin with. */
export interface RootField {
  readonly operation: OperationKind;
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
}

/**
 * The schema as the deployment publishes it, or as a file has it where it does not.
 * @throws AppError BAD_USER_INPUT when there is none
 */
export async function readSchema(party: Party, file: string | null): Promise<GraphQLSchema> {
  if (file !== null) {
    try {
      return buildSchema(await readFile(file, 'utf8'));
    } catch (error) {
      throw new AppError('BAD_USER_INPUT', `--schema names no schema: ${messageOf(error)}`);
    }
  }
  const { data, errors } = await party.ask(getIntrospectionQuery(), {});
  if (data === null)
    throw new AppError(
      'BAD_USER_INPUT',
      `the schema cannot be asked for (${errors[0]?.message ?? 'no answer'}): name its file with --schema schema.graphql`,
    );
  // What does not fit is refused by graphql itself.
  return buildClientSchema(data as unknown as IntrospectionQuery);
}

/** Every field of the three root types, in the schema's order. */
export function rootFieldsOf(schema: GraphQLSchema): RootField[] {
  const types = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return types.flatMap(([operation, type]) =>
    Object.values(type?.getFields() ?? {}).map((field) => ({ operation, name: field.name, field })),
  );
}
