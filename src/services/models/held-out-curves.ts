import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { evaluationCurves, type EvaluationCurves } from '../../learning/evaluation/curves';

/** A line of the held-out predictions: part, id (quoted or not), label, probability. */
const TEST_LINE = /^test,.*,([01]),([0-9.eE+-]+)$/;

/**
 * The curves over the test part of a file of held-out predictions. Read as a stream, so that the event loop goes on
 * meanwhile. A record whose id holds a line break is left out.
 */
export async function heldOutCurves(predictionsPath: string): Promise<EvaluationCurves> {
  const labels: number[] = [];
  const probabilities: number[] = [];
  const lines = createInterface({ input: createReadStream(predictionsPath), crlfDelay: Infinity });
  for await (const line of lines) {
    const match = TEST_LINE.exec(line);
    if (!match) continue;
    labels.push(Number(match[1]));
    probabilities.push(Number(match[2]));
  }
  return evaluationCurves(Float32Array.from(labels), Float32Array.from(probabilities));
}
