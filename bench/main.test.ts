import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';

/** As `npm run bench` does, on what the tests' setup has built. */
function bench(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const main = path.resolve(__dirname, '../dist/bench/main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { status, stdout, lines: stderr.trimEnd().split('\n') };
}

const QUICK = ['training', '--quick', '--models', 'reference', '--batches', '8'];

const positive = z.number().positive();
const share = z.number().gt(0).lt(1);

const reference = {
  model: z.literal('reference'),
  batch: z.literal(8),
};

/** All parts, without a peer. */
const wholeResult = z.strictObject({
  results: z
    .array(
      z.strictObject({
        ...reference,
        parameters: z.literal(205_505),
        samplesPerSecond: positive,
        cpuMsPerStep: positive,
        peer: z.null(),
        ratio: z.null(),
        ratios: z.tuple([]),
        cpuRatio: z.null(),
        cpuRatios: z.tuple([]),
        otherLoad: z.number().min(0),
      }),
    )
    .length(1),
  scaling: z
    .array(
      z.strictObject({
        vary: z.enum(['sequenceLength', 'hidden', 'vocabulary']),
        value: positive,
        ids: z.enum(['uniform', 'zipf']),
        batch: positive,
        msPerStep: positive,
        cpuMsPerStep: positive,
      }),
    )
    .length(3),
  memory: z
    .array(z.strictObject({ ...reference, idleBytes: positive, peakBytes: positive, peer: z.null() }))
    .length(1),
  matmulShare: share,
  opShares: z.array(z.strictObject({ op: z.string(), share: z.number().min(0).lt(1) })).min(5),
  machine: z.strictObject({
    processor: z.string(),
    cores: positive,
    threads: z.literal(2),
    node: z.literal(process.version),
    onnxruntime: z.string().regex(/^\d+\.\d+\.\d+/),
    torch: z.null(),
  }),
});

const comparison = z.object({
  results: z
    .array(
      z.object({
        peer: z
          .strictObject({
            name: z.literal('pytorch-eager-fused'),
            samplesPerSecond: positive,
            cpuMsPerStep: positive,
          })
          .nullable(),
        ratio: positive.nullable(),
        ratios: z.array(positive),
      }),
    )
    .length(1),
  machine: z.object({ torch: z.string().nullable() }),
});

describe('npm run bench', () => {
  test.each([
    [[], 'npm run bench -- <suite>: the suites are ads, batch, data, '],
    [['cooking'], 'there is no suite cooking: the suites are ads, batch, data, '],
    [['training', '--fast'], "Unknown option '--fast'"],
    [['training', '--pairs', 'many'], '--pairs takes whole numbers above 0, not many'],
    [['training', '--models', 'oracle'], 'there is no model oracle; there is reference, '],
  ])('refuses %j in one line', (args, message) => {
    const { status, stdout, lines } = bench(args);
    expect({ status, stdout, count: lines.length }).toEqual({ status: 2, stdout: '', count: 1 });
    expect(lines[0]).toContain(message);
  });

  test('quality: says that it is skipped without data', () => {
    const { status, stdout } = bench(['quality', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      results: [],
      skipped: 'without --data <folder> there is nothing to measure',
    });
  });

  const folder = process.env['PROPENSITY_SHARED_DATA'] ?? '';
  (folder === '' ? test.skip : test)('quality: a public set through the API (PROPENSITY_SHARED_DATA)', () => {
    const { status, stdout } = bench(['quality', '--data', folder, '--only', 'german', '--json']);
    expect(status).toBe(0);
    const own = { rocAuc: share, logLoss: positive, ece: share };
    const other = z.strictObject({ rocAuc: share, logLoss: positive });
    const { results } = z
      .strictObject({
        results: z
          .array(
            z.strictObject({
              dataset: z.literal('German credit'),
              protocol: z.literal('3 folds, stratified'),
              ...own,
              seconds: positive,
              peers: z.strictObject({
                logisticRegression: z.strictObject(own),
                scikitLearnLogisticRegression: other,
                histogramGbdt: other,
                xgboost: other,
              }),
            }),
          )
          .length(1),
      })
      .parse(JSON.parse(stdout));
    // Other processors round otherwise; by more than that, it is at the level of the baseline or above.
    for (const { rocAuc, peers } of results)
      expect(rocAuc).toBeGreaterThan(peers.logisticRegression.rocAuc - 0.005);
  });

  test('data: one JSON object, both sides measured', () => {
    const { status, stdout } = bench(['data', '--events', '20000', '--format', 'parquet', '--json']);
    expect(status).toBe(0);
    const figures = ['seconds', 'duckdbSeconds', 'ratio', 'peakMemoryMb'];
    const result = z.strictObject({
      events: z.literal(20_000),
      examples: z.int().min(1000),
      ...Object.fromEntries(figures.map((figure) => [figure, positive])),
    });
    z.strictObject({ results: z.array(result).length(1) }).parse(JSON.parse(stdout));
  });

  test('queue: each backend that is there, and the delay of a single job', () => {
    const small = ['--jobs', '20', '--waiting', '30', '--job-ms', '20', '--probes', '2'];
    const { status, stdout, lines } = bench(['queue', ...small, '--json']);
    expect(status).toBe(0);
    const result = z.strictObject({
      backend: z.enum(['postgres', 'redis']),
      jobsPerSecond: positive,
      pickupP50Ms: positive,
    });
    const { results } = z
      .strictObject({ results: z.array(result), fairness: z.strictObject({ delayInJobLengths: positive }) })
      .parse(JSON.parse(stdout));
    const skipped = lines.some((line) => line.startsWith('redis: skipped'));
    expect(results.map(({ backend }) => backend)).toEqual(skipped ? ['postgres'] : ['postgres', 'redis']);
  });

  test('serving: each case over HTTP, one model beside several, and no answer that was none', () => {
    const small = ['--seconds', '0.3', '--rounds', '1', '--connections', '4', '--tenants', '3'];
    const { status, stdout } = bench(['serving', ...small, '--json']);
    expect(status).toBe(0);
    const figures = ['requestsPerSecond', 'rowsPerSecond', 'p50Ms', 'p99Ms'];
    const result = z.strictObject({
      case: z.enum(['stub', 'single', 'lookup', 'reasons', 'batch', 'raw']),
      errors: z.literal(0),
      ...Object.fromEntries(figures.map((figure) => [figure, positive])),
    });
    const { results, tenants } = z
      .object({
        results: z.array(result),
        ratios: z.strictObject({ singleToStub: positive, batchToRaw: positive, singleP99ToStub: positive }),
        tenants: z.object({
          tenants: z.literal(3),
          loads: z.literal(3),
          coldP99Ms: positive,
          peakMb: positive,
          errors: z.literal(0),
        }),
      })
      .parse(JSON.parse(stdout));
    const cases = results.map((each) => each.case);
    expect(cases).toEqual(['stub', 'single', 'lookup', 'reasons', 'batch', 'raw']);
    expect(tenants.tenants).toBe(3);
  });

  test('demand: the forecast and its baselines', () => {
    const { status, stdout } = bench(['demand', '--seeds', '1,2', '--scale', '0.05', '--json']);
    expect(status).toBe(0);
    const result = z.strictObject({
      seed: positive,
      forecasts: positive,
      demandForecast: positive,
      movingAverage28: positive,
      seasonalNaive: positive,
      coverage: z.number().min(0.85).max(1),
    });
    const { results } = z
      .strictObject({ horizonDays: z.literal(14), results: z.array(result).length(2) })
      .parse(JSON.parse(stdout));
    for (const { demandForecast, seasonalNaive } of results)
      expect(demandForecast).toBeLessThan(seasonalNaive);
  });

  test('recommendations: every ranking of a small shop', () => {
    const small = ['--seeds', '1', '--scale', '0.05', '--preset', 'tiny', '--counterfactual'];
    const { status, stdout } = bench(['recommendations', ...small, '--json']);
    expect(status).toBe(0);
    const rate = z.number().min(0).max(1);
    const ranking = z.strictObject({ ranking: z.string(), hitRate: rate, ndcg: rate });
    const set = z.strictObject({
      dataset: z.literal('generated, seed 1'),
      purchases: positive,
      items: positive,
      promisedHitRate: rate,
      rankings: z.array(ranking),
    });
    const { results } = z
      .strictObject({ k: z.literal(10), results: z.array(set).length(1) })
      .parse(JSON.parse(stdout));
    expect(results[0]?.rankings.map(({ ranking }) => ranking)).toEqual([
      'popularity',
      'coVisitation',
      'lastSeen',
      'purchaseModel',
      'recommendItems',
    ]);
  });

  test('training: every part as one JSON object, the peer absent by name', () => {
    const parts = ['--parts', 'results,scaling,memory,matmul', '--json'];
    const { status, stdout, lines } = bench([...QUICK, ...parts], { PATH: '' });
    expect(status).toBe(0);
    expect(lines.filter((line) => line.startsWith('pytorch-eager-fused is absent: '))).toHaveLength(1);
    wholeResult.parse(JSON.parse(stdout));
  });

  test('training: with the peer that is there, the ratio of each pair', () => {
    const { status, stdout } = bench([...QUICK, '--pairs', '2', '--json']);
    expect(status).toBe(0);
    const { results, machine } = comparison.parse(JSON.parse(stdout));
    const [result] = results;
    expect(result?.peer === null).toBe(machine.torch === null);
    expect(result?.ratios).toHaveLength(machine.torch === null ? 0 : 2);
  });
});

describe('npm run bench -- batch', () => {
  it('prints what scoring takes beside ONNX Runtime alone', () => {
    const { status, stdout } = bench(['batch', '--json', '--scale', '0.02', '--runs', '1']);
    expect(status).toBe(0);
    z.strictObject({
      results: z.tuple([
        z.strictObject({ case: z.literal('batch'), rowsPerSecond: positive, cpuSeconds: positive }),
        z.strictObject({ case: z.literal('raw'), rowsPerSecond: positive, cpuSeconds: positive }),
      ]),
      ratio: positive,
      cpuRatio: positive,
      phases: z.strictObject({ preparing: positive, scoring: positive, exporting: positive }),
      rows: positive,
      threads: positive,
    }).parse(JSON.parse(stdout));
  });
});
