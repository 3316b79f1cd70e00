import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { discoverDomains } from '../../src/app/discover-domains';
import { type DomainDefinition } from '../../src/domain-kit';
import { type PreparedPart, prepareExamples } from '../../src/learning/preparation/prepare-examples';
import { networkWorkload } from './network-workload';
import { type Workload } from './workload';

/** Enough that vocabularies are complete, so that networks have the size that they have in earnest. */
const SCALE = 0.2;

/** Each domain's default preset, by the domain's slug. Data is generated when a workload is taken. */
export function presetWorkloads(): Map<string, () => Promise<Workload>> {
  return new Map(discoverDomains().map((domain) => [domain.slug, () => presetWorkload(domain)]));
}

async function presetWorkload(domain: DomainDefinition): Promise<Workload> {
  const part = await prepare(domain);
  return networkWorkload({
    name: domain.slug,
    model: domain.presets.default,
    shape: part.shape,
    examples: (count) => part.read(Int32Array.from({ length: count }, (_, index) => index % part.count)),
  });
}

/** The training part of generated data, as a tenant's file would become it. */
async function prepare({ generate, featureSpec }: DomainDefinition): Promise<PreparedPart> {
  const folder = await mkdtemp(path.join(tmpdir(), 'propensity-bench-'));
  try {
    const csvPath = path.join(folder, 'data.csv');
    await writeFile(csvPath, [...generate({ seed: 1, scale: SCALE }).csv(), ''].join('\n'));
    const prepared = await prepareExamples({ csvPath, spec: featureSpec, workDirectory: folder, seed: 1 });
    return prepared.train;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
