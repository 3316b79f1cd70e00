import path from 'node:path';

/**
 * The script of an inference thread. Threads run compiled code; from the sources (tests) it is the one in `dist/`,
 * so `npm run build` comes first.
 */
export function threadEntry(): string {
  const here = __dirname;
  if (__filename.endsWith('.js')) return path.join(here, 'inference-worker.js');
  const root = path.resolve(here, '../../../..');
  return path.join(root, 'dist', path.relative(root, here), 'inference-worker.js');
}
