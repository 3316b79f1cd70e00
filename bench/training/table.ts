import { type TrainingResult } from './result';

/** For people; the same numbers as in the JSON. */
export function tableOf(result: TrainingResult): string {
  const { machine, matmulShare, opShares } = result;
  const { processor, cores, threads, node, onnxruntime, torch } = machine;
  const sections = [
    [
      `${processor}, ${cores} cores, ${threads} threads; ` +
        `Node ${node}, ONNX Runtime ${onnxruntime}, PyTorch ${torch ?? 'absent'}`,
    ],
    resultLines(result),
    scalingLines(result),
    memoryLines(result),
    matmulShare === null
      ? []
      : [
          `matrix products: ${percent(matmulShare)} of op time ` +
            `(${opShares
              .slice(0, 8)
              .map(({ op, share }) => `${op} ${percent(share)}`)
              .join(', ')}, …)`,
        ],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function resultLines({ results }: TrainingResult): string[] {
  return aligned(
    [
      'model',
      'batch',
      'samples/s',
      'peer',
      'ratio',
      'of pairs',
      'CPU ms/step',
      'peer',
      'ratio',
      'other load',
    ],
    results.map(({ model, batch, samplesPerSecond, cpuMsPerStep, peer, ...compared }) => [
      model,
      batch,
      samplesPerSecond,
      peer?.samplesPerSecond,
      compared.ratio,
      compared.ratios.join(' '),
      cpuMsPerStep,
      peer?.cpuMsPerStep,
      compared.cpuRatio,
      compared.otherLoad,
    ]),
  );
}

function scalingLines({ scaling }: TrainingResult): string[] {
  return aligned(
    ['reference with', 'of', 'ids', 'batch', 'ms/step', 'CPU ms/step'],
    scaling.map(({ vary, value, ids, batch, msPerStep, cpuMsPerStep }) => [
      vary,
      value,
      ids,
      batch,
      msPerStep,
      cpuMsPerStep,
    ]),
  );
}

function memoryLines({ memory }: TrainingResult): string[] {
  return aligned(
    ['model', 'batch', 'peak MB', 'of which idle', 'peer', 'of which idle'],
    memory.map(({ model, batch, peakBytes, idleBytes, peer }) => [
      model,
      batch,
      megabytes(peakBytes),
      megabytes(idleBytes),
      peer && megabytes(peer.peakBytes),
      peer && megabytes(peer.idleBytes),
    ]),
  );
}

type Cell = string | number | null | undefined;

/** First column to the left, the others to the right; a dash where there is no number, nothing without rows. */
function aligned(header: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  if (rows.length === 0) return [];
  const texts = [header, ...rows].map((row) => row.map((cell) => String(cell ?? '–')));
  const widths = header.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  return texts.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
