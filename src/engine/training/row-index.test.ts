import { Random } from '../nn';
import { RowIndex } from './row-index';

const COUNT = 40;

/** Ids of one step's two lookups. */
const draw = (random: Random): Int32Array[] =>
  [7, 5].map((length) => Int32Array.from({ length }, () => random.below(COUNT)));

/** The same by maps, for some steps: the piece's rows, each step's places, and the lookups' places. */
function expected(steps: readonly Int32Array[][]) {
  const rows: number[] = [];
  const touched = steps.map((lookups) => {
    const ofStep = [...new Set(lookups.flatMap((ids) => [...ids]))];
    for (const row of ofStep) if (!rows.includes(row)) rows.push(row);
    return ofStep;
  });
  return {
    rows,
    touched: touched.map((ofStep) => ofStep.map((row) => rows.indexOf(row))),
    lookups: steps.map((lookups, step) =>
      lookups.map((ids) => Array.from(ids, (id) => touched[step]!.indexOf(id))),
    ),
  };
}

test.each([
  ['marks that go on rising', undefined],
  ['marks that are wiped over and over', 60],
])("rows are listed once, and ids become places among their step's, with %s", (_name, largestMark) => {
  const random = new Random(5);
  const index = new RowIndex('t', COUNT, largestMark);
  for (let piece = 0; piece < 50; piece += 1) {
    const steps = Array.from({ length: 1 + random.below(4) }, () => draw(random));
    const wanted = expected(steps);
    for (const lookups of steps) index.addStep(lookups);
    expect(index.size).toBe(wanted.rows.length);
    const { rows, touched, bounds } = index.take();
    expect([...rows]).toEqual(wanted.rows);
    steps.forEach((lookups, step) => {
      const [begin, end] = bounds.subarray(2 * step, 2 * step + 2);
      expect([...touched.subarray(begin, end)]).toEqual(wanted.touched[step]);
      expect(lookups.map((ids) => [...ids])).toEqual(wanted.lookups[step]);
    });
  }
});

test('an id that is no row is refused by name, and spoils nothing that comes after', () => {
  const index = new RowIndex('events.table', COUNT);
  for (const bad of [-1, COUNT]) {
    expect(() => index.addStep([Int32Array.of(3, 1, bad)])).toThrow(
      `the id ${bad} is none of the 40 rows of events.table`,
    );
    index.take();
    const ids = Int32Array.of(1, 2, 3, 1);
    index.addStep([ids]);
    expect([...ids]).toEqual([0, 1, 2, 0]);
    expect([...index.take().rows]).toEqual([1, 2, 3]);
  }
});
