import { textTable } from '../launcher/text-table';
import { type Proof } from './proof';

/** A proof for people: what was tried, what came through, and what it does not cover. */
export function reportOf({ tried, findings, notFilled, withoutInstance, restless, remains }: Proof): string {
  const rows = tried.map(({ operation, places, requests, answered, findings: found }) => [
    ...[operation, places, requests, answered],
    found === 0 ? 'nothing' : `${found} FOUND`,
  ]);
  const requests = tried.reduce((sum, each) => sum + each.requests, 0);
  const lists = [
    list('Could not be filled in, so that less of it was tried:', notFilled),
    list('Of these types the owner had nothing:', withoutInstance),
    list('Read by the owner otherwise each time, so that no change of it can be told:', restless),
    list('Stays behind:', remains),
  ];
  const verdict =
    findings.length === 0
      ? `Nothing came through in ${requests} requests.`
      : `${findings.length} came through in ${requests} requests:\n${findings
          .map(({ kind, operation, place, detail }) => `  ${kind}  ${operation}  ${place}\n    ${detail}`)
          .join('\n')}`;
  return [
    textTable(['tried', 'places', 'requests', 'answered', 'came through'], rows),
    ...lists.filter((text) => text !== ''),
    verdict,
  ].join('\n\n');
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
