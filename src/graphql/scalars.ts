import { GraphQLScalarType } from 'graphql';
import { GraphQLJSONObject, GraphQLSafeInt } from 'graphql-scalars';

/** Counts and sizes beyond 32 bits. */
export const SafeInt = new GraphQLScalarType({
  ...GraphQLSafeInt.toConfig(),
  description: 'An integer up to 2^53 − 1, exact in JavaScript: counts of rows and bytes.',
  specifiedByURL: null,
});

export const JsonObject = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  description: 'A JSON object, whose fields the using field describes.',
  specifiedByURL: null,
});
