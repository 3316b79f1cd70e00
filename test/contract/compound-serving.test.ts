import { Random } from '../../src/engine/nn/random';
import { modelConfigSchema } from '../../src/learning/architectures/model-config';
import { calibrate } from '../../src/learning/evaluation/platt-scaling';
import { artifactInputs } from '../../src/learning/export/artifact-inputs';
import { certifiedDifference } from '../../src/learning/export/certificate';
import { encode } from '../../src/learning/features/encode';
import {
  type ExampleRecord,
  type FeatureValue,
  rawFromRecords,
} from '../../src/learning/features/raw-from-records';
import { InferencePool } from '../../src/services/prediction/pool/inference-pool';
import { compoundMap } from '../support/compound-map';
import { exportPreset } from '../support/exported-presets';

const ROWS = 40;
const AT = Date.UTC(2025, 2, 1, 12);

function drawRecords(): ExampleRecord[] {
  const random = new Random(3);
  const values = (at: number): Record<string, FeatureValue> => ({
    title: ['', 'Red shoes', 'カ RED red red', '🔥'][random.below(4)],
    tags: [[], ['red'], ['blue', 'red'], null][random.below(4)],
    image: random.below(4) === 0 ? null : [random.normal(), random.normal(), random.normal()],
    joined: random.below(4) === 0 ? null : new Date(at - random.uniform() * 1e9),
  });
  return Array.from({ length: ROWS }, () => ({
    at: new Date(AT),
    features: values(AT),
    history: Array.from({ length: random.below(6) }, (_, index) => ({
      at: new Date(AT - (index + 1) * 60_000),
      values: values(AT - 60_000),
    })),
  }));
}

describe('compound features through the inference pool', () => {
  it.each(['conv-recurrent', 'transformer', 'bag', 'linear'] as const)(
    'are answered as the trainer does, to the last bit in batches of any size: %s',
    async (architecture) => {
      const model = modelConfigSchema.parse({ architecture });
      const { artifact, program, calibration } = await exportPreset('compound', model, compoundMap);
      const pool = new InferencePool({ threads: 1, read: () => Promise.resolve(new Uint8Array(artifact)) });
      const key = { tenantId: 'tenant', sha256: architecture };
      const records = drawRecords();
      const answer = async (some: readonly ExampleRecord[]): Promise<number[]> => {
        const inputs = artifactInputs(compoundMap.spec, rawFromRecords(compoundMap.spec, some));
        return [...((await pool.run(key, inputs))['probability'] ?? [])];
      };
      const together = await answer(records);
      expect(new Set(together).size).toBeGreaterThan(ROWS / 2);
      for (const size of [1, 3, 8]) {
        const inParts: number[] = [];
        for (let from = 0; from < ROWS; from += size)
          inParts.push(...(await answer(records.slice(from, from + size))));
        expect({ size, inParts }).toEqual({ size, inParts: together });
      }
      const encoded = encode(compoundMap, rawFromRecords(compoundMap.spec, records));
      certifiedDifference(
        calibrate(await program.predict(encoded), calibration),
        Float32Array.from(together),
      );
      await pool.close();
      await program.close();
    },
  );
});
