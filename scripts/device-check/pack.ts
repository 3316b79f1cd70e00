import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AppError } from '../../src/errors';
import { vulkanLoader } from '../../test/support/devices/software-vulkan';
import { allCases } from './all-cases';
import { timedModels } from './timed-models';

const ROOT = path.resolve(__dirname, '../../..');
const MOST_BYTES = 64 * 2 ** 20;
const ENTRIES = ['compute-cases.js', 'find-fallbacks.js', 'time-training.js'];
/** What the processes read, and no module of theirs. */
const SCRIPTS = { 'gpu-check': 'scripts/gpu-check', 'bench/training/peer.py': 'bench/training/peer.py' };

/**
 * Packs what `gpu-check` needs on a machine that has nothing: Node, ONNX Runtime with its binding, the modules that are
 * loaded here, and a Vulkan loader where this machine has one. Then runs it from an empty folder, without an
 * environment.
 *
 * @returns what was made, in words.
 * @throws AppError UNAVAILABLE when the pack is larger than 64 MiB, or does not run.
 */
export async function pack(file: string, progress: (line: string) => void): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gpu-check-'));
  try {
    const stage = path.join(folder, 'stage');
    const files = await filesToPack();
    for (const [target, source] of files) {
      await mkdir(path.join(stage, path.dirname(target)), { recursive: true });
      await copyFile(source, path.join(stage, target));
    }
    progress(`packing ${files.size} files`);
    await compress(stage, file);
    const { size } = await stat(file);
    const megabytes = (size / 2 ** 20).toFixed(1);
    if (size > MOST_BYTES) throw new AppError('UNAVAILABLE', `${file} has ${megabytes} MiB, above 64`);
    progress(`${megabytes} MiB; running it from an empty folder`);
    await tryOut(file, path.join(folder, 'unpacked'));
    return `${file}: ${megabytes} MiB, ${files.size} files; it runs from an empty folder, without an environment`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Sources by their place in the pack. */
async function filesToPack(): Promise<Map<string, string>> {
  const modules = loadedModules();
  const files = new Map<string, string>(
    Object.entries(SCRIPTS).map(([to, from]) => [to, path.join(ROOT, from)]),
  );
  files.set('node', process.execPath);
  for (const module of modules) {
    files.set(path.relative(ROOT, module), module);
    for (const manifest of manifestsAbove(module)) files.set(path.relative(ROOT, manifest), manifest);
  }
  const binding = modules.find((module) => module.endsWith('.node'));
  if (!binding) throw new TypeError("ONNX Runtime's binding is not loaded");
  for (const name of await readdir(path.dirname(binding)))
    // The libraries of CUDA alone are larger than all else.
    if (!name.startsWith('libonnxruntime_providers_')) {
      const library = path.join(path.dirname(binding), name);
      files.set(path.relative(ROOT, library), library);
    }
  const loader = vulkanLoader();
  if (loader) files.set('lib/libvulkan.so.1', loader);
  return files;
}

/** What the check's processes load, found by loading it; cases and models load domains and ops. */
function loadedModules(): string[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- they are entries of processes, which export nothing
  for (const entry of ENTRIES) require(path.join(__dirname, entry));
  allCases();
  timedModels();
  return Object.keys(require.cache);
}

/** The `package.json` files that say how a module is to be found and read. */
function manifestsAbove(module: string): string[] {
  const found: string[] = [];
  for (let folder = path.dirname(module); folder !== ROOT; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (existsSync(manifest)) found.push(manifest);
  }
  return found;
}

async function compress(folder: string, file: string): Promise<void> {
  const tar = spawn('tar', ['-C', folder, '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(tar, 'close');
  await pipeline(tar.stdout, createGzip({ level: 9 }), createWriteStream(file));
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new AppError('UNAVAILABLE', 'tar failed');
}

async function tryOut(file: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  spawnSync('tar', ['-C', folder, '-xzf', path.resolve(file)], { stdio: 'inherit' });
  const { status, stderr } = spawnSync('./gpu-check', ['--device', 'cpu', '--quick', '--json'], {
    cwd: folder,
    env: {},
    encoding: 'utf8',
  });
  if (status !== 0) throw new AppError('UNAVAILABLE', `the pack does not run (${String(status)}): ${stderr}`);
}
