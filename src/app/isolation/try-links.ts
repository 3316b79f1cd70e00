import { alike, masked, parting, without } from './mask-answer';
import { parseAnswer, Party } from './party';
import { type Notes } from './proof';
import { type Trial } from './try-operation';

const METHODS = ['GET', 'PUT'] as const;
const CONTENT = 'a,b\n1,2\n';

/** Follows each of the owner's links as the stranger and as nobody: neither may get anything, nor learn that it exists. */
export async function tryLinks({ owner, stranger }: Trial, notes: Notes): Promise<void> {
  const nobody = new Party(stranger.party.url, null);
  const origin = new URL(owner.party.url).origin;
  for (const link of owner.known.links) {
    if (new URL(link, origin).origin !== origin) continue;
    for (const method of METHODS)
      for (const [who, party] of [
        ['the stranger', stranger.party],
        ['nobody', nobody],
      ] as const) {
        const place = `${method} ${patternOf(link)} by ${who}`;
        notes.places.add(place);
        const follow = async (target: string) => {
          notes.requests += 1;
          const { status, text } = await party.http(method, target, {
            ...(method === 'PUT' && { body: CONTENT, headers: { 'content-type': 'text/csv' } }),
          });
          return parseAnswer(status, text);
        };
        const answer = await follow(link);
        if (answer.status < 400) {
          notes.answered += 1;
          notes.find('ACCESS', place, `was answered with HTTP ${answer.status}`);
        }
        const found = owner.known.found(without(answer.text, link), stranger.known);
        // The answer may name what was asked for.
        const foreign = found.filter((token) => !link.toLowerCase().includes(token));
        if (foreign.length > 0) notes.find('LEAK', place, foreign.slice(0, 3).join(', '));
        const other = alike(link);
        const control = masked(await follow(other), other).exact;
        const { exact } = masked(answer, link);
        if (exact !== control) notes.find('ORACLE', place, parting(exact, control));
      }
  }
}

function patternOf(link: string): string {
  return link.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, '…').replace(/^https?:\/\/[^/]+/, '');
}
