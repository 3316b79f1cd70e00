import { quarantineRecord } from '../../learning/preparation/quarantine-record';
import { scoreLine } from '../../learning/scoring/scored-example';
import { type TenantContext } from '../../platform/tenancy/request-context';
import { type PredictionService, type Refusal, type Score } from '../prediction/prediction.service';
import { questionOf } from '../prediction/question';
import { type ScoringSource } from './scoring-source';
import { type StoredSubjects } from './stored-subjects';

/** Subjects whose histories are looked up together. */
const PAGE_SUBJECTS = 512;
/** Reasons without their values are few. */
const MAX_REASONS = 500;

export interface SubjectsSourceOptions {
  readonly ctx: TenantContext;
  readonly kind: string;
  readonly asOf: Date;
  readonly subjects: Pick<StoredSubjects, 'after'>;
  /** Answers as the API does, with the version that scores. */
  readonly prediction: Pick<PredictionService, 'predictEach'>;
  /** Subjects of a part. */
  readonly partRows: number;
  readonly signal: AbortSignal;
}

/** All subjects of the event store, each asked about as a query does that names it and gives nothing else. */
export function subjectsSource(options: SubjectsSourceOptions): ScoringSource {
  const { subjects, partRows, signal } = options;
  return {
    totalRows: null,
    quarantine: { path: null, reasons: [] },
    async next(progress) {
      let { rows, refused, lastSubject } = progress;
      const reasons = { ...progress.reasons };
      const scores: string[] = [];
      const refusals: string[] = [];
      let seen = 0;
      let isAtEnd = false;
      while (seen < partRows && !isAtEnd) {
        signal.throwIfAborted();
        const page = await subjects.after(lastSubject, Math.min(PAGE_SUBJECTS, partRows - seen));
        isAtEnd = page.last === null;
        seen += page.subjects.length;
        for (const { subjectId, answer } of await ask(options, page.subjects)) {
          if ('issues' in answer) {
            refused += 1;
            const reason = answer.issues.map(({ path, message }) => `${path} ${message}`).join('; ');
            const group = reason.replace(/"(?:[^"\\]|\\.)*"/g, '"…"');
            if (group in reasons || Object.keys(reasons).length < MAX_REASONS)
              reasons[group] = (reasons[group] ?? 0) + 1;
            refusals.push(quarantineRecord({ line: rows + refused, reason, text: subjectId }));
          } else {
            rows += 1;
            const { probability, logit } = answer;
            scores.push(
              scoreLine({ row: rows, id: subjectId, subjectId, at: options.asOf, probability, logit }),
            );
          }
        }
        lastSubject = page.last ?? lastSubject;
      }
      if (seen === 0 && isAtEnd) return null;
      return {
        part: { scores: Buffer.from(scores.join('')), refused: Buffer.from(refusals.join('')) },
        progress: { ...progress, rows, refused, reasons, lastSubject, parts: progress.parts + 1 },
      };
    },
    account: ({ rows, refused }) => ({
      rows: rows + refused,
      quarantined: refused,
      duplicates: 0,
      history: 0,
      dates: 0,
      scored: rows,
    }),
    close: () => undefined,
  };
}

interface Answer {
  readonly subjectId: string;
  readonly answer: Score | Refusal;
}

async function ask(
  { ctx, kind, asOf, prediction }: SubjectsSourceOptions,
  subjectIds: readonly string[],
): Promise<Answer[]> {
  if (subjectIds.length === 0) return [];
  const records = subjectIds.map((subjectId) => ({ subjectId, at: asOf, features: {} }));
  const answers = await prediction.predictEach(ctx, kind, questionOf(records));
  return subjectIds.flatMap((subjectId, index) => {
    const answer = answers[index]?.item;
    return answer ? [{ subjectId, answer }] : [];
  });
}
