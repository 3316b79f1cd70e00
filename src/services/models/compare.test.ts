import fc from 'fast-check';
import { pairUp } from './compare';
import { type IdentifiedExamples } from './held-out-examples';

const examples = fc
  .array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), label: fc.constantFrom(0, 1) }), {
    maxLength: 10,
  })
  .map((rows): IdentifiedExamples => ({
    total: rows.length,
    ids: rows.map(({ id }) => id),
    labels_N: Float32Array.from(rows, ({ label }) => label),
    probabilities_N: Float32Array.from(rows, (_, n) => n / 16),
    subjects_N: Int32Array.from(rows, (_, n) => n + 1),
  }));

const once = ({ ids }: IdentifiedExamples) => ids.filter((id) => ids.indexOf(id) === ids.lastIndexOf(id));

describe('pairUp', () => {
  it('pairs what both have once and with the same label, and explains every other id', () => {
    fc.assert(
      fc.property(examples, examples, (first, second) => {
        const { pairs, ...counts } = pairUp(first, second);
        const both = once(first).filter((id) => once(second).includes(id));
        const labelOf = (of: IdentifiedExamples, id: string) => of.labels_N[of.ids.indexOf(id)];
        const matched = both.filter((id) => labelOf(first, id) === labelOf(second, id));
        expect([...pairs.first_N]).toEqual(matched.map((id) => first.ids.indexOf(id) / 16));
        expect([...pairs.second_N]).toEqual(matched.map((id) => second.ids.indexOf(id) / 16));
        expect([...pairs.labels_N]).toEqual(matched.map((id) => labelOf(first, id)));
        expect([...(pairs.subjects_N ?? [])]).toEqual(matched.map((id) => first.ids.indexOf(id) + 1));
        expect(counts.differentLabels).toBe(both.length - matched.length);
        const explained = counts.onlyFirst + counts.onlySecond + counts.differentLabels + counts.ambiguousIds;
        expect(matched.length + explained).toBe(new Set([...first.ids, ...second.ids]).size);
      }),
    );
  });
});
