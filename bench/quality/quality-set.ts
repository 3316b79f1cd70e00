import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UsageError } from '../suite';

const reached = z.strictObject({ rocAuc: z.number(), logLoss: z.number() });

const splitSchema = z.looseObject({
  by: z.enum(['time', 'entity', 'stratified']),
  folds: z.int().min(2).optional(),
});

/** A public data set, as a tenant admin would bring it: nothing of it is code. */
const qualitySet = z.strictObject({
  title: z.string(),
  /** The domain that it is configured for. */
  kind: z.string(),
  /** Under the data folder; more than one are uploaded one after another, as one file. */
  files: z.array(z.string()).min(1),
  /** For `createDataset`: what the file alone does not say. */
  format: z.record(z.string(), z.unknown()).optional(),
  /** For `configureDomain`, with the split that is its protocol. */
  featureSpec: z.looseObject({ split: splitSchema }),
  /** Where it differs from the recipe that all sets have. */
  modelConfig: z.record(z.string(), z.unknown()).optional(),
  /** What others reach, as the data's publisher gives it. */
  peers: z.record(z.string(), reached).optional(),
});

export type Reached = z.infer<typeof reached>;
export type QualitySet = z.infer<typeof qualitySet> & { readonly name: string };

/** Beside this file as it is written, or where that is, seen from the build. */
const FOLDER = [__dirname, path.resolve(__dirname, '../../../bench/quality')].find((folder) =>
  existsSync(path.join(folder, 'recipe.json')),
);

/** The model configuration that all sets begin with. */
export async function readRecipe(): Promise<Readonly<Record<string, unknown>>> {
  return z.record(z.string(), z.unknown()).parse(await readJson('recipe.json'));
}

/**
 * The sets by name.
 *
 * @param only null for all
 * @throws UsageError when there is no set of a name
 */
export async function readSets(only: readonly string[] | null): Promise<QualitySet[]> {
  const files = await readdir(path.join(folderOfSets(), 'sets'));
  const known = files.map((file) => path.basename(file, '.json')).sort();
  const strange = only?.find((name) => !known.includes(name));
  if (strange !== undefined) throw new UsageError(`there is no set ${strange}; there is ${known.join(', ')}`);
  const names = known.filter((name) => only === null || only.includes(name));
  return Promise.all(
    names.map(async (name) => ({
      name,
      ...qualitySet.parse(await readJson(path.join('sets', `${name}.json`))),
    })),
  );
}

function folderOfSets(): string {
  if (FOLDER === undefined)
    throw new Error('the public sets are described beside the sources, which are not here');
  return FOLDER;
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(folderOfSets(), file), 'utf8')) as unknown;
}
