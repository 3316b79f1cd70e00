import fc from 'fast-check';
import { CsvFiles } from '../../../../test/support/csv-files';
import { featureSpecSchema } from '../../features/feature-spec';
import { populationStability } from './drift';
import { profileCsv } from './profile-csv';

const SPEC = featureSpecSchema.parse({
  shape: 'TABLE',
  timeColumn: 'at',
  label: { column: 'y' },
  features: [{ type: 'numeric', name: 'x' }],
});

/** Few different values, so that there are ties, and missing ones. */
const cell = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -4, max: 4 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
);
const rows = fc.array(fc.record({ x: cell, y: fc.boolean(), at: fc.integer({ min: 0, max: 60 }) }), {
  minLength: 3,
  maxLength: 120,
});
type Row = { readonly x: number | null; readonly y: boolean; readonly at: number };

/** Nothing by which the bins of drift could be cut. */
const FIRST_PART_MISSING: Row[] = [
  { x: 0, y: false, at: 1 },
  { x: null, y: false, at: 0 },
  { x: 0, y: false, at: 2 },
  { x: null, y: false, at: 0 },
  { x: -1, y: false, at: 2 },
  { x: null, y: false, at: 0 },
];

const given = (of: readonly Row[]): number[] =>
  of.flatMap(({ x }) => (x === null ? [] : [x])).sort((a, b) => a - b);

/** By its definition: every pair of a positive and a negative. */
function aucOfPairs(of: readonly { score: number; y: boolean }[]): number | null {
  const positives = of.filter(({ y }) => y);
  const negatives = of.filter(({ y }) => !y);
  if (positives.length < 10 || negatives.length < 10) return null;
  const wins = positives.flatMap((p) =>
    negatives.map((n) => (p.score > n.score ? 1 : p.score < n.score ? 0 : 0.5)),
  );
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
}

function quantile(sorted: readonly number[], p: number): number {
  const place = (sorted.length - 1) * p;
  const low = sorted[Math.floor(place)]!;
  return low + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - low);
}

/** The rows of the first and the last third of the time; ties stay together. */
function thirds(of: readonly Row[]): { first: Row[]; last: Row[] } | null {
  const times = of.map(({ at }) => at).sort((a, b) => a - b);
  const [a, b] = [1, 2].map((k) => times[Math.ceil((k * times.length) / 3) - 1]!);
  const parts = { first: of.filter(({ at }) => at <= a!), last: of.filter(({ at }) => at > b!) };
  return parts.last.length > 0 ? parts : null;
}

function driftOf({ first, last }: { first: Row[]; last: Row[] }): number {
  const sorted = given(first);
  const edges =
    sorted.length === 0
      ? []
      : Array.from({ length: 9 }, (_, k) => sorted[Math.ceil(((k + 1) * sorted.length) / 10) - 1]!);
  const different = [...new Set(edges)];
  const binOf = (x: number | null) => (x === null ? -1 : different.filter((edge) => x > edge).length);
  const bins = [...new Set([...first, ...last].map(({ x }) => binOf(x)))];
  const share = (part: Row[], bin: number) =>
    (part.filter(({ x }) => binOf(x) === bin).length + 0.5) / (part.length + 0.5 * bins.length);
  return bins.reduce((sum, bin) => {
    const [f, l] = [share(first, bin), share(last, bin)];
    return sum + (l - f) * Math.log(l / f);
  }, 0);
}

const near = (actual: number | null | undefined, expected: number | null) => {
  if (expected === null) expect(actual).toBeNull();
  else expect(Math.abs(actual! - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
};

describe('a profile, against brute force', () => {
  let files: CsvFiles;
  beforeAll(async () => (files = await CsvFiles.create()));
  afterAll(() => files.remove());

  async function profile(of: readonly Row[]) {
    const lines = of.map(({ x, y, at }) => {
      const moment = new Date(Date.UTC(2024, 0, 1, at)).toISOString();
      return `${x ?? ''},${y ? 1 : 0},${moment}`;
    });
    const path = await files.write(['x,y,at', ...lines].join('\n'));
    return profileCsv(path, SPEC, { workDirectory: files.folder, threads: 1 });
  }

  it('has the same quantiles, moments, AUC and stability index', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (all) => {
        const { columns, duplicates, label, leaks } = await profile(all);
        const [x] = columns;
        const values = given(all).map((value) => value + 0);
        expect(x?.givenCount).toBe(values.length);
        expect(label).toMatchObject({ count: all.length, positives: all.filter(({ y }) => y).length });
        const asWritten = all.map((row) => `${row.x ?? ''},${row.y},${row.at}`);
        expect(duplicates.count).toBe(all.length - new Set(asWritten).size);

        const numbers = x?.numbers ?? null;
        expect(numbers === null).toBe(values.length === 0);
        if (numbers) {
          for (const { p, value } of numbers.quantiles) near(value, quantile(values, p));
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          near(numbers.mean, mean);
          const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
          near(
            numbers.standardDeviation,
            values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null,
          );
          const [q1, q3] = [quantile(values, 0.25), quantile(values, 0.75)];
          const beyond = (value: number) => value < q1 - 1.5 * (q3 - q1) || value > q3 + 1.5 * (q3 - q1);
          expect(numbers.outliers?.count ?? null).toBe(q3 > q1 ? values.filter(beyond).length : null);
          const { bins, below, above } = numbers.histogram;
          expect(bins.reduce((sum, { count }) => sum + count, below + above)).toBe(values.length);
        }

        const scored = all.flatMap(({ x: score, y }) => (score === null ? [] : [{ score, y }]));
        near(x?.auc, aucOfPairs(scored));
        const presence = aucOfPairs(all.map((row) => ({ score: row.x === null ? 0 : 1, y: row.y })));
        near(x?.presenceAuc, values.length === 0 || values.length === all.length ? null : presence);
        const order = aucOfPairs(all.map(({ y }, score) => ({ score, y })));
        const isSorted = order !== null && Math.abs(order - 0.5) > 0.45;
        expect(leaks.some(({ kind }) => kind === 'ROW_ORDER_FOLLOWS_LABEL')).toBe(isSorted);

        const parts = thirds(all);
        expect(x?.drift === null).toBe(parts === null);
        if (parts && values.length > 0) near(x?.drift?.psi, driftOf(parts));
      }),
      { numRuns: 25, examples: [[FIRST_PART_MISSING]] },
    );
  }, 60_000);

  it('has a stability index of 0 for equal shares, and the same one for parts exchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1 }), (bins) => {
        fc.pre(bins.some(([f]) => f > 0) && bins.some(([, l]) => l > 0));
        const first = bins.map(([f]) => f);
        const last = bins.map(([, l]) => l);
        near(populationStability(first, first).psi, 0);
        near(populationStability(first, last).psi, populationStability(last, first).psi);
        expect(populationStability(first, last).psi).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('has a stability index that matches a worked example', () => {
    // Shares (50.5, 50.5) / 101 and (25.5, 75.5) / 101 with half a row added to each bin.
    const expected = (25 / 101) * Math.log(50.5 / 25.5) + (25 / 101) * Math.log(75.5 / 50.5);
    const { psi, psiByChance, level } = populationStability([50, 50, 0], [25, 75, 0]);
    expect(level).toBe('MODERATE');
    near(psi, expected);
    near(psiByChance, 0.02);
  });
});
