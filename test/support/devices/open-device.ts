/** `node open-device.js <device>`: opens a session there, runs it, and prints what came of it as JSON. */
import { AppError } from '../../../src/errors';
import { Graph, tensorOf } from '../../../src/engine/onnx';
import { add } from '../../../src/engine/ops';
import { type Device, Session } from '../../../src/engine/runtime';

async function main(device: Device): Promise<object> {
  const graph = new Graph();
  graph.output('y', add(graph.input('x', 'float32', [2]), 1));
  try {
    const session = await Session.compile(graph, { device });
    const { y } = await session.run({ x: tensorOf('float32', [2], [1, 2]) });
    await session.close();
    return { sum: Array.from(y?.data ?? [], Number) };
  } catch (error) {
    return error instanceof AppError
      ? { code: error.code, message: error.message }
      : { message: String(error) };
  }
}

void main(process.argv[2] as Device).then((outcome) => process.stdout.write(JSON.stringify(outcome)));
