import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type OpDefinition } from '../../src/engine/onnx';

const FOLDER = join(__dirname, '../../src/engine/ops');

function isDefinition(value: unknown): value is OpDefinition {
  return typeof value === 'object' && value !== null && 'opType' in value && 'inferTypes' in value;
}

/** The ops that each file of the engine's folder defines, in the sources as in the build: the folder is the list. */
export const opFiles: { file: string; exported: OpDefinition[] }[] = readdirSync(FOLDER)
  .filter((file) => /\.(ts|js)$/.test(file) && !/^index\.|\.test\./.test(file))
  .map((file) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- found by listing the folder
    const exported = Object.values(require(join(FOLDER, file)) as Record<string, unknown>);
    return { file, exported: exported.filter(isDefinition) };
  });

export const opSamples = opFiles
  .flatMap(({ exported }) => exported)
  .flatMap((op) => op.samples.map((sample) => ({ op, opType: op.opType, sample, name: sample.name })));
