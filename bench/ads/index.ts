import { significant } from '../statistics';
import { type Suite } from '../suite';
import { measureRanking, type RankingResult } from './auctions';
import { type CounterfactualResult, measureCounterfactual } from './counterfactual';
import { type ExplorationResult, measureExploration } from './exploration';
import { help, options, readOptions } from './options';

interface AdsResult {
  readonly ranking: readonly RankingResult[];
  readonly exploration: readonly ExplorationResult[];
  /** Null without the data. */
  readonly counterfactual: readonly CounterfactualResult[] | null;
}

/** What decisions about ads are worth. */
export const suite: Suite<AdsResult> = {
  title:
    'the value of ranking by expected value, the regret of exploration, and policies on Open Bandit data',
  options,
  help,
  async run(values, progress) {
    const { scale, rounds, seeds, data } = readOptions(values);
    progress('ranking: trains a model on generated data');
    const ranking = await measureRanking(scale);
    progress(`exploration: ${seeds} times ${rounds} impressions`);
    const exploration = measureExploration(rounds, seeds);
    if (data === null) progress('counterfactual: skipped, --data names no folder');
    const counterfactual = data === null ? null : await measureCounterfactual(data);
    return {
      ranking: ranking.map(rounded),
      exploration: exploration.map(rounded),
      counterfactual: counterfactual && counterfactual.map(rounded),
    };
  },
  table: ({ ranking, exploration, counterfactual }) =>
    [ranking, exploration, counterfactual ?? []]
      .filter((rows) => rows.length > 0)
      .map((rows) => tableOf(rows.map((row) => ({ ...row }))))
      .join('\n\n'),
};

/** Every number of a row to four digits. */
function rounded<Row extends object>(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'number' ? significant(value) : value,
    ]),
  ) as Row;
}

function tableOf(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  return lines.map((line) => line.map((cell) => cell.padStart(21)).join('')).join('\n');
}
