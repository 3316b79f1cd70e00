import { type CheckReport } from './check';

/** The report for people. */
export function tableOf({ device, card, onCpu, ops, presets, training }: CheckReport): string {
  const error = (worst: number | null): string => (worst === null ? '–' : worst.toExponential(1));
  const lines = [
    `${device}${card ? ` (${card})` : ''}`,
    `ops, layers and losses: ${ops.passed} as on the CPU, ${ops.failed.length} not; worst ${error(ops.worst)}`,
    ...(onCpu.length > 0 ? [`without a kernel there, run on the CPU: ${onCpu.join(', ')}`] : []),
    ...ops.failed.map(({ name, failure }) => `  ${name}: ${failure ?? ''}`),
    ...presets.map(
      ({ name, failure, worst }) => `${name}: ${failure ?? `as on the CPU, worst ${error(worst)}`}`,
    ),
    'training, samples/s:',
    ...training.map((time) => {
      const what = `  ${time.model}, batch ${time.batch}`.padEnd(36);
      if ('failure' in time) return `${what} ${time.failure}`;
      const peer = time.peer ? `   ${time.peer.name} ${time.peer.samplesPerSecond}` : '';
      return `${what} ${device} ${time.samplesPerSecond}   cpu ${time.cpuSamplesPerSecond}${peer}`;
    }),
  ];
  return lines.join('\n');
}
