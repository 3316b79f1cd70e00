import { textTable } from '../../src/app/launcher/text-table';
import { type QualityResult } from './result';

/** For people; the same numbers as in the JSON. */
export function tableOf({ results, skipped }: QualityResult): string {
  if (skipped !== undefined) return `skipped: ${skipped}`;
  const peers = [...new Set(results.flatMap((result) => Object.keys(result.peers)))];
  const header = ['data', 'protocol', 'AUC', 'log loss', 'ECE', 's', ...peers.map((peer) => `${peer}: AUC`)];
  return textTable(
    header,
    results.map((result) => [
      result.dataset,
      result.protocol,
      result.rocAuc,
      result.logLoss,
      result.ece,
      result.seconds,
      ...peers.map((peer) => result.peers[peer]?.rocAuc ?? null),
    ]),
  );
}
