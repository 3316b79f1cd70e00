import { type SpawnOptions } from 'node:child_process';
import { lstatSync } from 'node:fs';

/** The user that has no rights anywhere, on every Unix. */
const NOBODY = 65_534;

/** Whom the server runs as: the user of this process, or, because PostgreSQL refuses root, another. */
export interface RuntimeUser {
  /** For `spawn`: empty when the server runs as the user of this process. */
  readonly identity: Pick<SpawnOptions, 'uid' | 'gid'>;
  /** Whether the server runs as another user, to whom its files must belong. */
  readonly uid: number | null;
  readonly gid: number | null;
}

/**
 * Chooses the user: root hands the server to whoever owns the existing database, or else to nobody.
 * @param database the folder of an existing database, which may be absent
 */
export function runtimeUser(database: string): RuntimeUser {
  if (process.getuid?.() !== 0) return { identity: {}, uid: null, gid: null };
  const { uid, gid } = ownerOf(database) ?? { uid: NOBODY, gid: NOBODY };
  return { identity: { uid, gid }, uid, gid };
}

function ownerOf(folder: string): { uid: number; gid: number } | null {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat && stat.uid !== 0 ? stat : null;
}
