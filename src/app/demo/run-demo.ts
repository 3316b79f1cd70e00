import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type DomainDefinition } from '../../domain-kit';
import { type ProgressBoard } from '../launcher/progress-board';
import { boardRow, type DomainResult } from '../launcher/reports';
import { ApiClient } from './api-client';
import { bayesCeiling } from './ceiling';
import { DemoState } from './demo-state';
import { MODEL_VERSION, type RunView } from './operations';
import { type Seeded, seedDomain } from './seed-domain';

const REDRAW_MS = 200;

export interface DemoOptions {
  readonly domains: readonly DomainDefinition[];
  readonly url: string;
  readonly platformAdminKey: string;
  readonly dataDirectory: string;
  readonly scale: number;
  readonly signal: AbortSignal;
  readonly board: ProgressBoard;
}

/** A demo tenant with its promoted model, judged, and one prediction that it answered. */
export interface DemoResult extends DomainResult {
  readonly domain: DomainDefinition;
  readonly seeded: Seeded;
  readonly prediction: unknown;
}

/** Brings every demo tenant to a promoted model, side by side, and asks each for a prediction. */
export async function runDemo(options: DemoOptions): Promise<DemoResult[]> {
  const state = await DemoState.load(options.dataDirectory);
  const runs = new Map<string, RunView>();
  const seeding = Promise.all(
    options.domains.map((domain) =>
      seedDomain(
        { ...options, state, onRun: (of: DomainDefinition, run: RunView) => runs.set(of.kind, run) },
        domain,
      ),
    ),
  );
  const finished = seeding.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([finished, delay(REDRAW_MS, false)]))) draw(options, runs);
  draw(options, runs);
  options.board.end();
  const seeded = await seeding;
  return Promise.all(seeded.map((one, index) => judge(options, one, index)));
}

function draw({ domains, board }: DemoOptions, runs: ReadonlyMap<string, RunView>): void {
  const rows = domains.flatMap((domain) => {
    const run = runs.get(domain.kind);
    return run ? [boardRow(domain, run)] : [];
  });
  if (rows.length > 0) board.draw(rows);
}

async function judge(options: DemoOptions, seeded: Seeded, index: number): Promise<DemoResult> {
  const domain = options.domains[index];
  if (!domain) throw new RangeError(`there is no domain ${index}`);
  const api = new ApiClient(options.url, seeded.apiKey);
  const model = await api.query(MODEL_VERSION.document, { id: seeded.modelVersionId }, MODEL_VERSION.answer);
  const ceiling = bayesCeiling(await api.download(model.predictionsUrl), seeded.data.truth);
  const prediction = await api.query(domain.demoQuery, { input: seeded.data.demo }, z.unknown());
  return { domain, slug: domain.slug, seeded, model, ceiling, prediction };
}
