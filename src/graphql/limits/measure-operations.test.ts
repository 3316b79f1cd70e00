import fc from 'fast-check';
import { parse } from 'graphql';
import { measureOperations, type Measures } from './measure-operations';

/** A selection as text and what it is when it is written out; it may spread the fragments with higher numbers. */
interface Selections {
  readonly text: string;
  readonly measures: Measures;
}

const FRAGMENTS = 4;
const FIELD: Measures = { depth: 1, fields: 1, aliases: 0, directives: 0, rootFields: 1 };

function add(all: readonly Measures[]): Measures {
  const total = (key: keyof Measures) => all.reduce((sum, measures) => sum + measures[key], 0);
  return {
    depth: Math.max(0, ...all.map(({ depth }) => depth)),
    fields: total('fields'),
    aliases: total('aliases'),
    directives: total('directives'),
    rootFields: total('rootFields'),
  };
}

/** Selections below fragments whose content is known already. */
function selections(fragments: readonly Selections[], level: number): fc.Arbitrary<Selections> {
  const directive = fc.constantFrom('', ' @skip(if: false)');
  const leaf = fc.tuple(fc.boolean(), directive).map(([alias, on]): Selections => ({
    text: `${alias ? 'a: ' : ''}x${on}`,
    measures: { ...FIELD, aliases: alias ? 1 : 0, directives: on ? 1 : 0 },
  }));
  const spread = fc
    .tuple(fc.nat(Math.max(0, fragments.length - 1)), directive)
    .map(([index, on]): Selections => {
      const measures = fragments[index]!.measures;
      return {
        text: `...F${index}${on}`,
        measures: { ...measures, directives: measures.directives + (on ? 1 : 0) },
      };
    });
  const choices = fragments.length > 0 ? [leaf, spread] : [leaf];
  const inner =
    level > 0 ? [...choices, nested(fragments, level - 1), inline(fragments, level - 1)] : choices;
  return fc.array(fc.oneof(...inner), { minLength: 1, maxLength: 3 }).map((parts) => ({
    text: parts.map(({ text }) => text).join(' '),
    measures: add(parts.map(({ measures }) => measures)),
  }));
}

function nested(fragments: readonly Selections[], level: number): fc.Arbitrary<Selections> {
  return selections(fragments, level).map(({ text, measures }) => ({
    text: `y { ${text} }`,
    measures: { ...add([measures, FIELD]), depth: measures.depth + 1, rootFields: 1 },
  }));
}

function inline(fragments: readonly Selections[], level: number): fc.Arbitrary<Selections> {
  return selections(fragments, level).map(({ text, measures }) => ({
    text: `... on T { ${text} }`,
    measures,
  }));
}

const documents = Array.from({ length: FRAGMENTS }).reduce<fc.Arbitrary<Selections[]>>(
  (before) => before.chain((made) => selections(made, 2).map((next) => [...made, next])),
  fc.constant([]),
);

describe('measureOperations', () => {
  it('counts what an operation is when its fragments are written out', () => {
    fc.assert(
      fc.property(
        documents.chain((made) => fc.tuple(fc.constant(made), selections(made, 3))),
        ([fragments, operation]) => {
          const text = [
            `query Q { ${operation.text} }`,
            ...fragments.map((fragment, index) => `fragment F${index} on T { ${fragment.text} }`),
          ].join('\n');
          expect(measureOperations(parse(text))).toEqual([['Q', operation.measures]]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('measures a document whose fragments multiply without writing it out', () => {
    const fragments = Array.from(
      { length: 200 },
      (_, index) => `fragment F${index} on T { a: x { ...F${index + 1} } b: x { ...F${index + 1} } }`,
    );
    const [[, measures] = []] = measureOperations(
      parse(`{ ...F0 } ${fragments.join(' ')} fragment F200 on T { x }`),
    );
    expect(measures?.depth).toBe(201);
    expect(measures?.fields).toBeGreaterThan(2 ** 200);
  });

  it('ends where fragments hold one another', () => {
    const document = parse('{ ...A } fragment A on T { x { ...B } } fragment B on T { y { ...A } }');
    expect(measureOperations(document)).toEqual([
      ['query', expect.objectContaining({ fields: 2 }) as Measures],
    ]);
  });

  it('measures every operation under its name', () => {
    const document = parse('query A { x } mutation B @d { x y } subscription { z }');
    expect(measureOperations(document)).toMatchObject([
      ['A', { rootFields: 1 }],
      ['B', { rootFields: 2, directives: 1 }],
      ['subscription', { rootFields: 1 }],
    ]);
  });
});
