import { median, significant } from '../statistics';
import { httpLoad, type Load } from './http-load';
import { type ServingOptions } from './options';
import {
  BATCH_ROWS,
  batchBodies,
  EXPECTED,
  EXPECTED_REASONS,
  lookupBodies,
  reasonsBodies,
  singleBodies,
  stubBodies,
} from './requests';
import { type CaseName, CASES, type CaseResult, type Ratios } from './result';
import { type SeededTenant } from './seed';
import { type BenchServer } from './server';
import { rawAnswer, usageAnswer } from './server-messages';

/** What one turn of a case took. */
interface Turn extends Omit<Load, 'firstError'> {
  readonly firstError?: string | null;
}

const ROWS: Readonly<Record<CaseName, number>> = {
  stub: 1,
  single: 1,
  lookup: 1,
  reasons: 1,
  batch: BATCH_ROWS,
  raw: BATCH_ROWS,
};
/** Share of a turn that each case gets before the first, so that nothing is measured that happens once. */
const WARM_UP = 0.5;

/** Every case in turn, round after round: what else the machine does meets all of them. */
export async function measureCases(
  server: BenchServer,
  tenant: SeededTenant,
  { seconds, rounds, connections }: ServingOptions,
  progress: (line: string) => void,
): Promise<{ readonly results: CaseResult[]; readonly ratios: Ratios }> {
  const bodies: Partial<Record<CaseName, readonly string[]>> = {
    stub: stubBodies(),
    single: singleBodies(),
    lookup: lookupBodies(),
    reasons: reasonsBodies(),
    batch: batchBodies(),
  };
  const cases = CASES.filter((name) => name === 'raw' || bodies[name]);
  const turn = (name: CaseName, length: number): Promise<Turn> => {
    const { id: tenantId, sha256, key } = tenant;
    const of = bodies[name];
    if (of)
      return httpLoad({
        url: server.url,
        key,
        bodies: of,
        expected: name === 'reasons' ? EXPECTED_REASONS : EXPECTED,
        connections,
        seconds: length,
      });
    return server
      .ask({ type: 'raw', tenantId, sha256, concurrency: connections, seconds: length }, rawAnswer)
      .then((raw) => ({ ...raw, requests: raw.latenciesMs.length }));
  };
  const usage = () => server.ask({ type: 'usage' }, usageAnswer);

  const turns = new Map<CaseName, Turn[]>(cases.map((name) => [name, []]));
  for (const name of cases) await turn(name, seconds * WARM_UP);
  for (let round = 1; round <= rounds; round++) {
    for (const name of cases) {
      const before = await usage();
      const taken = await turn(name, seconds);
      const after = await usage();
      turns.get(name)?.push(taken);
      const cpuMs = (after.cpuMs - before.cpuMs) / taken.requests;
      const rowsPerBatch = (after.rows - before.rows) / Math.max(1, after.batches - before.batches);
      progress(
        `round ${round}, ${name}: ${rate(taken).toFixed(0)} requests/s, ${cpuMs.toFixed(3)} ms of processor each, ${rowsPerBatch.toFixed(1)} rows in a batch`,
      );
      if (taken.firstError != null) progress(`  ${taken.errors} errors, the first: ${taken.firstError}`);
    }
  }
  const results = cases.map((name) => resultOf(name, turns.get(name) ?? []));
  return { results, ratios: ratiosOf(turns) };
}

const rate = ({ requests, seconds }: Turn): number => requests / seconds;

function resultOf(name: CaseName, turns: readonly Turn[]): CaseResult {
  const requests = sum(turns.map((turn) => turn.requests));
  const requestsPerSecond = requests / sum(turns.map((turn) => turn.seconds));
  const latencies = turns.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    case: name,
    requestsPerSecond: significant(requestsPerSecond),
    rowsPerSecond: significant(requestsPerSecond * ROWS[name]),
    p50Ms: significant(quantile(latencies, 0.5), 3),
    p99Ms: significant(quantile(latencies, 0.99), 3),
    errors: sum(turns.map((turn) => turn.errors)),
  };
}

function ratiosOf(turns: ReadonlyMap<CaseName, readonly Turn[]>): Ratios {
  const ratio = (of: CaseName, to: CaseName, measure: (turn: Turn) => number): number => {
    const others = turns.get(to) ?? [];
    const pairs = (turns.get(of) ?? []).flatMap((turn, round) => {
      const other = others[round];
      return other ? [measure(turn) / measure(other)] : [];
    });
    return significant(median(pairs), 3);
  };
  const p99 = ({ latenciesMs }: Turn): number => quantile(latenciesMs, 0.99);
  return {
    singleToStub: ratio('single', 'stub', rate),
    batchToRaw: ratio('batch', 'raw', rate),
    singleP99ToStub: ratio('single', 'stub', p99),
  };
}

/** The smallest value that a share of the values is not above. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
