import { buildSchema, graphql, GraphQLError, parse, validate } from 'graphql';
import { AppError } from '../errors';
import { isDefect, shapeError } from './shape-error';

const schema = buildSchema('type Query { number(of: Int!): Int }');

async function errorOf(resolve: () => unknown): Promise<unknown> {
  const { errors } = await graphql({ schema, source: '{ number(of: 1) }', rootValue: { number: resolve } });
  return errors?.[0];
}

describe('shapeError', () => {
  it('shows what an AppError says, where it happened and in which request', async () => {
    const error = await errorOf(() => {
      throw new AppError('BAD_USER_INPUT', 'too small', [{ path: 'of', message: 'at least 2' }]);
    });
    expect(shapeError(error, 'r1')).toEqual({
      message: 'too small',
      locations: [{ line: 1, column: 3 }],
      path: ['number'],
      extensions: {
        code: 'BAD_USER_INPUT',
        issues: [{ path: 'of', message: 'at least 2' }],
        requestId: 'r1',
      },
    });
    expect(isDefect(error)).toBe(false);
  });

  it.each([
    ['an exception', () => Promise.reject(new Error('SELECT * FROM secrets'))],
    ['a value that the schema does not allow', () => 'no number'],
    ['a thrown text', () => Promise.reject(new GraphQLError('raw', { originalError: new Error('deep') }))],
  ])('hides a defect: %s', async (_name, resolve) => {
    const error = await errorOf(resolve);
    expect(isDefect(error)).toBe(true);
    const shaped = shapeError(error, 'r1');
    expect(shaped.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: 'r1' });
    expect(JSON.stringify(shaped)).not.toMatch(/SELECT|no number|deep|raw/);
  });

  it('passes on what graphql-js finds wrong with the request', () => {
    const [error] = validate(schema, parse('{ nothing }'));
    expect(shapeError(error, null)).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(isDefect(error)).toBe(false);
  });

  it('blames the request for a variable that leaves an argument without a value', async () => {
    const source = 'query ($of: Int = 1) { number(of: $of) }';
    const { errors } = await graphql({ schema, source, variableValues: { of: null } });
    expect(shapeError(errors?.[0], null)).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });
});
