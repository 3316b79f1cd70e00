import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const seededDomain = z.object({
  tenantId: z.string(),
  slug: z.string(),
  /** The demo tenant's TENANT_ADMIN key: the database only has its hash. */
  apiKey: z.string(),
  datasetId: z.string().optional(),
  runId: z.string().optional(),
  modelVersionId: z.string().optional(),
});

const demoState = z.object({ domains: z.record(z.string(), seededDomain) });

export type SeededDomain = z.infer<typeof seededDomain>;

/**
 * How far the demo tenants have come, by domain kind, so that a start that was interrupted goes on where it
 * was and a second start does nothing twice. Readable by its owner alone: it holds the demo keys.
 */
export class DemoState {
  /** Writes follow each other: domains are seeded side by side. */
  private written: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string,
    private readonly domains: Record<string, SeededDomain>,
  ) {}

  static async load(dataDirectory: string): Promise<DemoState> {
    const file = path.join(dataDirectory, 'demo.json');
    await mkdir(dataDirectory, { recursive: true });
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        return new DemoState(file, {});
      throw error;
    }
    return new DemoState(file, demoState.parse(JSON.parse(text)).domains);
  }

  get(kind: string): SeededDomain | undefined {
    return this.domains[kind];
  }

  set(kind: string, domain: SeededDomain): Promise<void> {
    this.domains[kind] = domain;
    this.written = this.written.then(() => this.write());
    return this.written;
  }

  private async write(): Promise<void> {
    const temporary = `${this.file}.${process.pid}.tmp`;
    await writeFile(temporary, JSON.stringify({ domains: this.domains }, null, 2), { mode: 0o600 });
    await rename(temporary, this.file);
  }
}
