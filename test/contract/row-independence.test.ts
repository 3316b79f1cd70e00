import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { discoverDomains } from '../../src/app/discover-domains';
import { offsetInput } from '../../src/learning/explanation/path-points';
import { artifactInputs } from '../../src/learning/export/artifact-inputs';
import {
  type ExampleRecord,
  type FeatureValue,
  rawFromRecords,
} from '../../src/learning/features/raw-from-records';
import { prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { trainModel } from '../../src/learning/train-model';
import { InferencePool } from '../../src/services/prediction/pool/inference-pool';

const ROWS = 60;
const AT = Date.UTC(2025, 2, 1, 12);
const TEXTS = [
  'visit',
  'view',
  'cart',
  'statement',
  'payment',
  'impression',
  'mobile',
  'true',
  'unheard of',
  '',
];

/** The same numbers every time, in [0, 1). */
function* uniform(): Generator<number, never> {
  for (let state = 1; ; state = (state * 48_271) % 2_147_483_647) yield state / 2_147_483_647;
}

describe.each(discoverDomains())(
  'an artifact of $kind, and what explains it',
  ({ featureSpec, presets, generate }) => {
    let folder: string;
    let pool: InferencePool;
    const keys = ['artifact', 'explainer'].map((sha256) => ({ tenantId: 'tenant', sha256 }));

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'row-independence-'));
      const csvPath = path.join(folder, 'events.csv');
      writeFileSync(csvPath, `${[...generate({ seed: 1, scale: 0.02 }).csv()].join('\n')}\n`);
      const prepared = await prepareExamples({ csvPath, spec: featureSpec, workDirectory: folder, seed: 1 });
      const { artifact, explainer } = await trainModel({
        prepared,
        model: { ...presets.tiny, maxEpochs: 1 },
        device: 'cpu',
        threads: 1,
        checkpoint: { load: () => Promise.resolve(null), save: () => Promise.resolve() },
        signal: new AbortController().signal,
        onPhase: () => undefined,
        onProgress: () => undefined,
      });
      await prepared.close();
      const bytesOf = (sha256: string) => (sha256 === 'artifact' ? artifact : (explainer.bytes ?? []));
      pool = new InferencePool({
        threads: 1,
        read: ({ sha256 }) => Promise.resolve(new Uint8Array(bytesOf(sha256))),
      });
    });

    afterAll(async () => {
      await pool.close();
      rmSync(folder, { recursive: true });
    });

    const random = uniform();
    const next = (): number => random.next().value;
    const valuesOf = (fields: readonly { readonly type: string; readonly name: string }[]) => {
      const values: Record<string, FeatureValue> = {};
      for (const { type, name } of fields) {
        if (next() < 0.2) continue;
        if (type === 'numeric') values[name] = next() * 100;
        if (type === 'categorical') values[name] = TEXTS[Math.floor(next() * TEXTS.length)];
      }
      return values;
    };
    const records = Array.from({ length: ROWS }, (_, hour): ExampleRecord => ({
      at: new Date(AT + hour * 3_600_000),
      features: valuesOf(featureSpec.features),
      history: Array.from({ length: Math.floor(next() * 30) }, (_event, index) => ({
        at: new Date(AT - (index + next()) * 3_600_000),
        values: valuesOf(featureSpec.sequence?.fields ?? []),
      })),
    }));
    const answer = async (some: readonly ExampleRecord[]): Promise<number[]> => {
      const inputs = artifactInputs(featureSpec, rawFromRecords(featureSpec, some));
      // Not the same in all rows.
      const offsets = offsetInput(some.map(({ at }) => 0.2 + 0.05 * ((at?.getUTCHours() ?? 0) % 12)));
      const outputs = await Promise.all(
        keys.map((key) => pool.run(key, key.sha256 === 'artifact' ? inputs : { ...inputs, ...offsets })),
      );
      return some.flatMap((_record, row) =>
        outputs.flatMap((answers) =>
          Object.values(answers).flatMap((values) => {
            const width = values.length / some.length;
            return [...values.subarray(row * width, (row + 1) * width)];
          }),
        ),
      );
    };

    it('answers the same for a row to the last bit, alone and in batches of any size', async () => {
      const together = await answer(records);
      expect(new Set(together).size).toBeGreaterThan(ROWS);
      for (const size of [1, 2, 3, 4, 5, 7, 8, 12, 16, 31]) {
        const inParts: number[] = [];
        for (let from = 0; from < ROWS; from += size)
          inParts.push(...(await answer(records.slice(from, from + size))));
        expect({ size, answers: inParts }).toEqual({ size, answers: together });
      }
    });
  },
);
