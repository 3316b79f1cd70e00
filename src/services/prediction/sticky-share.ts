import { createHash } from 'node:crypto';

/**
 * Where a subject stands, in [0, 1): always at the same place, and elsewhere for another purpose, so that the shares of
 * two purposes do not hold the same subjects. The subjects below a share are that share of all.
 */
export function stickyPlace(purpose: string, subjectId: string): number {
  const digest = createHash('sha256').update(`${purpose}\0${subjectId}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** Whether a subject is in a share; who has no name is drawn by lot. */
export function isInShare(purpose: string, subjectId: string | null, share: number): boolean {
  if (share <= 0) return false;
  if (share >= 1) return true;
  return (subjectId === null ? Math.random() : stickyPlace(purpose, subjectId)) < share;
}
