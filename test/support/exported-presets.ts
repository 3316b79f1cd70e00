import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { discoverDomains } from '../../src/app/discover-domains';
import { type Weights } from '../../src/engine/nn';
import { Random } from '../../src/engine/nn/random';
import { type ModelConfig } from '../../src/learning/architectures/model-config';
import { buildArtifact } from '../../src/learning/export/artifact';
import { type FeatureMap, inputShape } from '../../src/learning/features/feature-map';
import { prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { NetworkProgram } from '../../src/learning/training/network-program';

/** A preset of a domain as it would be exported, with weights that are drawn rather than trained. */
export interface ExportedPreset {
  /** `SOCIAL_AD_CTR, tiny`. */
  readonly name: string;
  readonly model: ModelConfig;
  readonly featureMap: FeatureMap;
  /** The trainer, with the same weights. */
  readonly program: NetworkProgram;
  readonly weights: Weights;
  readonly calibration: { readonly scale: number; readonly shift: number };
  readonly artifact: Uint8Array;
}

/** `SOCIAL_AD_CTR, tiny` and so on: every preset of every domain. */
export const PRESET_NAMES: readonly string[] = discoverDomains().flatMap(({ kind, presets }) =>
  Object.keys(presets).map((preset) => `${kind}, ${preset}`),
);

/** The same, exported over feature maps that are fitted on generated data. */
export async function exportPresets(): Promise<ExportedPreset[]> {
  const exported: ExportedPreset[] = [];
  for (const { kind, featureSpec, presets, generate } of discoverDomains()) {
    const folder = mkdtempSync(path.join(tmpdir(), 'presets-'));
    const csvPath = path.join(folder, 'data.csv');
    writeFileSync(csvPath, `${[...generate({ seed: 1, scale: 0.02 }).csv()].join('\n')}\n`);
    const prepared = await prepareExamples({ csvPath, spec: featureSpec, workDirectory: folder, seed: 1 });
    const { featureMap } = prepared;
    await prepared.close();
    rmSync(folder, { recursive: true });
    for (const [preset, model] of Object.entries(presets))
      exported.push(await exportPreset(`${kind}, ${preset}`, model, featureMap));
  }
  return exported;
}

/** A model over a feature map, with weights that are drawn. */
export async function exportPreset(
  name: string,
  model: ModelConfig,
  featureMap: FeatureMap,
): Promise<ExportedPreset> {
  const program = await NetworkProgram.compile({
    model,
    shape: inputShape(featureMap),
    exampleCount: 1000,
    device: 'cpu',
    threads: 1,
  });
  // The first weights, moved: those that begin at zero must matter too.
  const random = new Random(5);
  program.restore(
    program
      .state()
      .map(({ data, ...tensor }) => ({ ...tensor, data: data.map((w) => w + 0.1 * random.normal()) })),
  );
  const weights = program.trained();
  const calibration = { scale: 1.2, shift: -0.3 };
  const artifact = await buildArtifact({
    featureMap,
    model,
    weights,
    calibration,
    dataFingerprint: 'none',
    codeVersion: 'test',
  });
  return { name, model, featureMap, program, weights, calibration, artifact };
}
