import { createHash } from 'node:crypto';
import { isStorable } from '../../events/event-input';

/** What the log knows a subject by: its id, or the digest of one that no index can hold. */
export function subjectKey(subjectId: string): string {
  if (isStorable(subjectId)) return subjectId;
  return `sha256:${createHash('sha256').update(subjectId).digest('hex')}`;
}
