import { type TrainingResult } from './result';

/** For people; the same numbers as in the JSON. */
export function tableOf({ results, machine }: TrainingResult): string {
  const lines = [
    `${machine.processor}, ${machine.cores} cores, ${machine.threads} threads; Node ${machine.node}, ` +
      `ONNX Runtime ${machine.onnxruntime}, PyTorch ${machine.torch ?? 'absent'}`,
  ];
  if (results.length > 0)
    lines.push(
      '',
      ...aligned([
        ['model', 'batch', 'samples/s', 'peer', 'ratio', 'pairs', 'CPU ms/step', 'peer', 'ratio'],
        ...results.map(({ model, batch, samplesPerSecond, cpuMsPerStep, peer, ...compared }) => [
          model,
          batch,
          samplesPerSecond,
          peer?.samplesPerSecond,
          compared.ratio,
          compared.ratios.join(' '),
          cpuMsPerStep,
          peer?.cpuMsPerStep,
          compared.cpuRatio,
        ]),
      ]),
    );
  return lines.join('\n');
}

type Cell = string | number | null | undefined;

/** First column to the left, the others to the right; nothing where there is no number. */
function aligned(rows: readonly (readonly Cell[])[]): string[] {
  const texts = rows.map((row) => row.map((cell) => String(cell ?? '–')));
  const widths =
    texts[0]?.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0))) ?? [];
  return texts.map((row) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}
