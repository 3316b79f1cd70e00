/** A process of its own: computes cases on a device and on the CPU, compares them, and reports. See `device-suite`. */
import { messageOf } from '../../src/errors';
import { Graph } from '../../src/engine/onnx';
import { identity } from '../../src/engine/ops';
import { type Device, Session } from '../../src/engine/runtime';
import { allCases } from './all-cases';
import { compare } from './compare';
import { type DeviceCase } from './device-case';
import { type CaseReport, type CaseResult, type CasesOrder } from './messages';

async function computeCases({ device, names }: CasesOrder): Promise<void> {
  // What a driver has compiled is forgotten with the last session: this one keeps it from case to case.
  const graph = new Graph();
  graph.output('y', identity(graph.input('x', 'float32', [1])));
  const kept = await Session.compile(graph, { device });
  const cases = new Map(allCases().map((each) => [each.name, each]));
  for (const name of names) {
    const found = cases.get(name);
    if (!found) throw new RangeError(`there is no case ${name}`);
    await report({ begun: name });
    await report({ ended: await computeCase(found, device) });
  }
  await kept.close();
}

async function computeCase({ name, compute }: DeviceCase, device: Device): Promise<CaseResult> {
  const startedAt = performance.now();
  const secondsSince = (): number => Math.round(performance.now() - startedAt) / 1000;
  try {
    const expected = await compute('cpu');
    const { output, error, tolerance } = compare(await compute(device), expected);
    const isClose = error <= tolerance;
    return {
      name,
      seconds: secondsSince(),
      error,
      failure: isClose ? null : `${output} differs by ${error.toExponential(1)}, above ${tolerance}`,
    };
  } catch (error) {
    return { name, seconds: secondsSince(), error: null, failure: messageOf(error) };
  }
}

/** Sent before anything else is done: the next step may end the process. */
function report(message: CaseReport): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

process.once('message', (order) => {
  computeCases(order as CasesOrder).then(
    () => process.disconnect(),
    (error: unknown) => {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exit(1);
    },
  );
});
