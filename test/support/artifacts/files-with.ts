import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** All files below a folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Files below a folder that have a text in them; one that is removed meanwhile has none. */
export function filesWith(folder: string, text: string): string[] {
  return filesIn(folder).filter((file) => {
    try {
      return readFileSync(file).includes(text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  });
}
