import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder for the files of one test file. */
export class CsvFiles {
  private constructor(readonly folder: string) {}

  static async create(): Promise<CsvFiles> {
    return new CsvFiles(await mkdtemp(join(tmpdir(), 'propensity-csv-')));
  }

  private written = 0;

  /** Writes a file: text as UTF-8, bytes as they are. @returns its path */
  async write(content: string | Uint8Array): Promise<string> {
    this.written += 1;
    const path = join(this.folder, `${this.written}.csv`);
    await writeFile(path, content);
    return path;
  }

  /** Rows of values, joined to a file. */
  async writeRows(rows: ReadonlyArray<ReadonlyArray<string | number | boolean>>): Promise<string> {
    return this.write(rows.map((row) => row.join(',')).join('\n') + '\n');
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
