/**
 * Compiles the TypeScript sources to `dist/` with swc, only those that changed since the last build.
 * Types are checked apart from this (`npm run types`), so that a start is not held up by a type check.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { transformFile } from '@swc/core';

const ROOTS = ['src', 'domains', 'queue-workers', 'bench', 'chaos', 'test/support', 'scripts'];
const root = path.resolve(import.meta.dirname, '..');
const out = path.join(root, 'dist');

async function* files(folder) {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  for (const entry of entries) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* files(full);
    else yield full;
  }
}

const modified = async (file) => (await stat(file).catch(() => null))?.mtimeMs ?? -1;

async function compile(source) {
  const target = path.join(out, path.relative(root, source)).replace(/\.ts$/, '.js');
  const newest = Math.max(await modified(source), settingsModified);
  if ((await modified(target)) >= newest) return target;
  const { code, map } = await transformFile(source, { cwd: root, sourceFileName: source });
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(`${target}.map`, map ?? '');
  await writeFile(target, `${code}\n//# sourceMappingURL=${path.basename(target)}.map\n`);
  return target;
}

const settingsModified = Math.max(
  await modified(path.join(root, '.swcrc')),
  await modified(path.join(root, 'package-lock.json')),
);
const kept = new Set();
const pending = [];
for (const folder of ROOTS) {
  for await (const source of files(path.join(root, folder))) {
    if (/\.d\.ts$|\.test\.ts$/.test(source) || !source.endsWith('.ts')) continue;
    pending.push(compile(source).then((target) => kept.add(target)));
  }
}
await Promise.all(pending);

// A source that was removed must not live on in the build: domains are discovered by listing folders.
for await (const file of files(out)) {
  if (file.endsWith('.js') && !kept.has(file)) await rm(file);
  if (file.endsWith('.js.map') && !kept.has(file.slice(0, -4))) await rm(file);
}
