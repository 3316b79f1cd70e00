/** A process of its own: computes cases on a device and on the CPU, compares them, and reports. See `device-suite`. */
import { messageOf } from '../../src/errors';
import { Graph } from '../../src/engine/onnx';
import { identity } from '../../src/engine/ops';
import { type Device, Session } from '../../src/engine/runtime';
import { allCases } from './all-cases';
import { carryOut, report } from './child-report';
import { compare } from './compare';
import { type DeviceCase } from './device-case';
import { type CaseReport, type CaseResult, type CasesOrder } from './messages';

carryOut(async (order) => {
  const { device, names } = order as CasesOrder;
  const tell = (message: CaseReport): Promise<void> => report(message);
  // What a driver has compiled is forgotten with the last session: this one keeps it from case to case.
  let kept: Session;
  try {
    kept = await openSession(device);
  } catch (error) {
    await tell({ unusable: messageOf(error) });
    return;
  }
  const cases = new Map(allCases().map((each) => [each.name, each]));
  for (const name of names) {
    const found = cases.get(name);
    if (!found) throw new RangeError(`there is no case ${name}`);
    await tell({ begun: name });
    await tell({ ended: await computeCase(found, device) });
  }
  await kept.close();
});

function openSession(device: Device): Promise<Session> {
  const graph = new Graph();
  graph.output('y', identity(graph.input('x', 'float32', [1])));
  return Session.compile(graph, { device });
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
