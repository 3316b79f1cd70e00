import { type ServingResult } from './result';

const WIDTH = 14;

export function tableOf({ results, ratios, tenants, machine }: ServingResult): string {
  const header = ['case', 'requests/s', 'rows/s', 'p50 ms', 'p99 ms', 'errors'];
  const rows = results.map((result) => [
    result.case,
    result.requestsPerSecond,
    result.rowsPerSecond,
    result.p50Ms,
    result.p99Ms,
    result.errors,
  ]);
  const table = [header, ...rows].map((row) => row.map((cell) => String(cell).padStart(WIDTH)).join(''));
  return [
    ...table,
    `single to stub ${ratios.singleToStub} in requests/s and ${ratios.singleP99ToStub} in p99; batch to raw ${ratios.batchToRaw} in rows/s`,
    ...(tenants
      ? [
          `${tenants.tenants} tenants, cache of ${tenants.cacheLimitMb} MiB: cold p50 ${tenants.coldP50Ms} ms, p99 ${tenants.coldP99Ms} ms, warm p50 ${tenants.warmP50Ms} ms; resident ${tenants.idleMb} MiB before, ${tenants.peakMb} MiB at most; ${tenants.loads} loads, ${tenants.errors} errors`,
        ]
      : []),
    `on ${machine.cores} cores of ${machine.processor}, which server, database and load share`,
  ].join('\n');
}
