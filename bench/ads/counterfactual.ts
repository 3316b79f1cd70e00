import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Random } from '../../src/domain-kit';

const REPLICATES = 1000;

export interface CounterfactualResult {
  readonly data: 'men' | 'women';
  readonly policy: 'uniform' | 'bestTen';
  /** Clicks of an impression: inverse propensity scores, and the same divided by the sum of the weights. */
  readonly ips: number;
  readonly snips: number;
  /** 95 %, of SNIPS; over impressions. */
  readonly low: number;
  readonly high: number;
  /** What the policy that logged got on the same impressions. */
  readonly logged: number;
  /** (Σw)² / Σw²: impressions that the estimate is worth. */
  readonly effectiveImpressions: number;
}

interface Logged {
  readonly item: string;
  readonly click: number;
  readonly propensity: number;
}

/**
 * What other policies would have got on the Open Bandit sample, whose impressions say how probable they were. Rates are
 * learnt on the first half in time, and the policies are valued on the second.
 */
export async function measureCounterfactual(folder: string): Promise<CounterfactualResult[]> {
  const results: CounterfactualResult[] = [];
  for (const data of ['men', 'women'] as const) {
    const rows = await readLogged(path.join(folder, `obd_bts_${data}.csv.gz`));
    const half = Math.floor(rows.length / 2);
    const items = [...new Set(rows.map(({ item }) => item))];
    const best = bestItems(rows.slice(0, half), items, 10);
    const policies = {
      uniform: () => 1 / items.length,
      bestTen: (item: string) => (best.has(item) ? 1 / best.size : 0),
    };
    for (const policy of ['uniform', 'bestTen'] as const)
      results.push({ data, policy, ...valueOf(rows.slice(half), policies[policy]) });
  }
  return results;
}

async function readLogged(file: string): Promise<Logged[]> {
  const [header = '', ...lines] = gunzipSync(await readFile(file))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  const columns = header.split(',');
  const at = (name: string) => columns.indexOf(name);
  const [item, click, propensity] = [at('item_id'), at('click'), at('propensity_score')];
  return lines.map((line) => {
    const cells = line.split(',');
    return {
      item: cells[item] ?? '',
      click: Number(cells[click]),
      propensity: Number(cells[propensity]),
    };
  });
}

function bestItems(rows: readonly Logged[], items: readonly string[], count: number): ReadonlySet<string> {
  const overall = rows.reduce((sum, { click }) => sum + click, 0) / rows.length;
  const rate = (wanted: string) => {
    const own = rows.filter(({ item }) => item === wanted);
    const clicks = own.reduce((sum, { click }) => sum + click, 0);
    return (clicks + 300 * overall) / (own.length + 300);
  };
  const rated = items.map((item) => ({ item, rate: rate(item) })).sort((a, b) => b.rate - a.rate);
  return new Set(rated.slice(0, count).map(({ item }) => item));
}

/** Source: Swaminathan and Joachims 2015, "The self-normalized estimator for counterfactual learning", eq. 2 and 8. */
function valueOf(rows: readonly Logged[], chanceOf: (item: string) => number) {
  const weights = rows.map(({ item, propensity }) => chanceOf(item) / propensity);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const snips = (indices: readonly number[]) => {
    let [won, weight] = [0, 0];
    for (const index of indices) {
      won += weights[index]! * rows[index]!.click;
      weight += weights[index]!;
    }
    return won / weight;
  };
  const all = rows.map((_, index) => index);
  const random = new Random(1, 3);
  const replicates = Array.from({ length: REPLICATES }, () =>
    snips(all.map(() => random.below(rows.length))),
  ).sort((a, b) => a - b);
  return {
    ips: sum(all.map((index) => weights[index]! * rows[index]!.click)) / rows.length,
    snips: snips(all),
    low: replicates[Math.round(0.025 * (REPLICATES - 1))]!,
    high: replicates[Math.round(0.975 * (REPLICATES - 1))]!,
    logged: sum(rows.map(({ click }) => click)) / rows.length,
    effectiveImpressions: sum(weights) ** 2 / sum(weights.map((weight) => weight * weight)),
  };
}
