import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildGraphqlSchema } from '../graphql/build-schema';
import { schemaText } from '../graphql/schema-text';
import { discoverDomains } from './discover-domains';

/** Resolvers without services: one that is reached in spite of its guard fails in another way than FORBIDDEN. */
const schema = buildGraphqlSchema(discoverDomains(), {
  get: <T>(token: new (...parameters: never[]) => T) => Object.create(token.prototype as object) as T,
});

const ownTypes = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

/** Everything that could carry a description and does not. */
function undescribed(type: GraphQLNamedType): string[] {
  const missing = [{ name: type.name, description: type.description }];
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      missing.push({ name: `${type.name}.${field.name}`, description: field.description });
      for (const argument of field.args) {
        missing.push({
          name: `${type.name}.${field.name}(${argument.name})`,
          description: argument.description,
        });
      }
    }
  }
  if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      missing.push({ name: `${type.name}.${field.name}`, description: field.description });
    }
  }
  if (isEnumType(type)) {
    for (const value of type.getValues()) {
      missing.push({ name: `${type.name}.${value.name}`, description: value.description });
    }
  }
  return missing.filter(({ description }) => !description?.trim()).map(({ name }) => name);
}

describe('the schema', () => {
  it('is the committed schema.graphql', () => {
    const committed = readFileSync(path.resolve(__dirname, '../../schema.graphql'), 'utf8');
    expect(schemaText(schema)).toBe(committed);
  });

  it('describes every type, field, argument and enum value', () => {
    const roots = new Set(['Query', 'Mutation', 'Subscription']);
    expect(ownTypes.flatMap(undescribed).filter((name) => !roots.has(name))).toEqual([]);
  });

  it('has the discovered domains as its kinds', () => {
    const kinds = schema.getType('DomainKind');
    expect(isEnumType(kinds) && kinds.getValues().map(({ name }) => name)).toEqual(
      discoverDomains().map(({ kind }) => kind),
    );
  });

  it.each(rootFields(schema))('guards %s: a key without a role gets nowhere', async (_name, resolve) => {
    const nobody = { requestId: 'test', actor: { id: 'test', role: 'NOBODY', tenantId: null } };
    await expect(resolve(nobody)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

type Call = (context: object) => Promise<unknown>;

function rootFields(of: GraphQLSchema): [string, Call][] {
  const queries = [of.getQueryType(), of.getMutationType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map(({ name, resolve }): [string, Call] => [
      name,
      (context) => Promise.resolve(resolve?.({}, {}, context, { path: {} } as never)),
    ]),
  );
  const subscriptions = Object.values(of.getSubscriptionType()?.getFields() ?? {}).map(
    ({ name, subscribe }): [string, Call] => [
      name,
      (context) => Promise.resolve(subscribe?.({}, {}, context, { path: {} } as never)),
    ],
  );
  return [...queries, ...subscriptions];
}
