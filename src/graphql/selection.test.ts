import { buildSchema, graphqlSync } from 'graphql';
import { isSelected } from './selection';

const schema = buildSchema(`
  interface Prediction { probability: Float reasons(first: Int): Reasons }
  type Intent implements Prediction { probability: Float reasons(first: Int): Reasons decision: String }
  type Reasons { items: [Item!] logit: Float }
  type Item { name: String }
  type Failure { message: String }
  union Outcome = Intent | Failure
  type Query { one: Outcome many: [Outcome!] }
`);

/** Whether the fields of `one` or `many` that a query asks for select a path, in the order of the query. */
function selections(
  query: string,
  path = 'reasons',
  variableValues: Record<string, unknown> = {},
): boolean[] {
  const seen: boolean[] = [];
  const { errors } = graphqlSync({
    schema,
    source: query,
    variableValues,
    fieldResolver: (_source, _args, _ctx, info) => {
      seen.push(isSelected(info, path));
      return null;
    },
  });
  expect(errors).toBeUndefined();
  return seen;
}

describe('isSelected', () => {
  it.each([
    ['a field of an inline fragment', '{ one { ... on Intent { reasons { logit } } } }', true],
    ['a field of an interface', '{ one { ... on Prediction { reasons { logit } } } }', true],
    ['a field of a list', '{ many { ... on Prediction { reasons { logit } } } }', true],
    ['another name for it', '{ one { ... on Intent { why: reasons(first: 3) { logit } } } }', true],
    ['its name for another', '{ one { ... on Intent { reasons: probability } } }', false],
    [
      'others alone',
      '{ one { __typename ... on Intent { probability } ... on Failure { message } } }',
      false,
    ],
    [
      'a fragment in a fragment',
      `{ one { ...A } } fragment A on Outcome { ... on Prediction { ...B } }
       fragment B on Prediction { probability ... { reasons { logit } } }`,
      true,
    ],
  ])('sees %s', (_name, query, expected) => {
    expect(selections(query)).toEqual([expected]);
  });

  it('sees each field for itself, and one that is asked for in two places as one', () => {
    expect(
      selections(`{
        a: one { ... on Intent { reasons { logit } } }
        b: one { ... on Intent { decision } }
        c: one { ... on Intent { decision } } c: one { ... on Intent { reasons { logit } } }
      }`),
    ).toEqual([true, false, true]);
  });

  it.each([
    ['reasons.items', true],
    ['reasons.items.name', true],
    ['reasons.logit', false],
    ['items', false],
  ])('goes down the path %s', (path, expected) => {
    expect(selections('{ one { ... on Intent { reasons { items { name } } } } }', path)).toEqual([expected]);
  });

  it.each([
    [{ yes: true, no: false }, [true, true, false, false, true, false]],
    [{ yes: false, no: true }, [false, false, true, true, false, false]],
    [{ yes: true }, [true, true, false, false, true, false]],
  ])('obeys @skip and @include with %j', (variables, expected) => {
    const query = `query ($yes: Boolean!, $no: Boolean = false) {
      a: one { ... on Intent { reasons @include(if: $yes) { logit } } }
      b: one { ... on Intent @include(if: $yes) { reasons { logit } } }
      c: one { ...F @include(if: $no) }
      d: one { ... on Intent { reasons @skip(if: $yes) { logit } } }
      e: one { ... on Intent { reasons @skip(if: $no) @include(if: $yes) { logit } } }
      f: one { ... on Intent { reasons @include(if: false) { logit } } }
    } fragment F on Intent { reasons { logit } }`;
    expect(selections(query, 'reasons', variables)).toEqual(expected);
  });
});
