import { type HistoryQuestion } from '../events/subject-histories';

/** Asks for the same subject and moment once: many candidates for one person share the history that is looked up. */
export function oncePerQuestion<A>(
  ask: (question: HistoryQuestion) => Promise<A>,
): (question: HistoryQuestion) => Promise<A> {
  const asked = new Map<string, Promise<A>>();
  return (question) => {
    const key = `${question.before.getTime()} ${question.subjectId}`;
    const known = asked.get(key);
    if (known) return known;
    const answer = ask(question);
    asked.set(key, answer);
    return answer;
  };
}
