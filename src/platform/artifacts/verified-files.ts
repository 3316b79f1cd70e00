import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

const REMEMBERED = 10_000;

/**
 * Files whose content was found to have the digest that it should have. A file is read once for that, and again when the
 * system says that it was written to since: by the time of its last change, which no program can set back.
 */
export class VerifiedFiles {
  /** By path, the state in which the file was verified; the one that was longest not asked for first. */
  private readonly states = new Map<string, string>();

  /** Whether a file has this content. @throws the system's error when it cannot be read */
  async has(file: string, sha256: string): Promise<boolean> {
    const { size, ctimeNs, ino } = await fs.stat(file, { bigint: true });
    const state = `${sha256} ${size} ${ctimeNs} ${ino}`;
    if (this.states.get(file) !== state) {
      this.states.delete(file);
      const digest = createHash('sha256');
      await pipeline(createReadStream(file), digest);
      if (digest.digest('hex') !== sha256) return false;
    }
    this.remember(file, state);
    return true;
  }

  forget(file: string): void {
    this.states.delete(file);
  }

  private remember(file: string, state: string): void {
    this.states.delete(file);
    this.states.set(file, state);
    if (this.states.size > REMEMBERED) this.states.delete(this.states.keys().next().value ?? '');
  }
}
