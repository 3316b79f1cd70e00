import { AppError, type Issue } from '../../../src/errors';
import { type Spend } from '../../../src/learning/decisions/pacing';
import { type CandidateAdInput, type RankAdsInput } from './rank-ads-input';

/** Most candidates of a request, and ads of an answer. */
export const MAX_CANDIDATES = 1_000;
export const MAX_BID = 1e9;
const MAX_CAMPAIGNS = 1_000;
const MAX_EXPOSURES = 10_000;
const MAX_ISSUES = 100;

/**
 * What concerns the whole request.
 * @throws AppError BAD_USER_INPUT with the path of each issue
 */
export function checkRequest({ candidates, campaigns, exposures, first }: RankAdsInput): void {
  const issues: Issue[] = [];
  const bound = (path: string, count: number, most: number) => {
    if (count > most) issues.push({ path, message: `holds ${count} entries; at most ${most} fit` });
  };
  if (candidates.length === 0) issues.push({ path: 'candidates', message: 'is empty: give 1 ad or more' });
  bound('candidates', candidates.length, MAX_CANDIDATES);
  bound('campaigns', campaigns?.length ?? 0, MAX_CAMPAIGNS);
  bound('exposures', exposures?.length ?? 0, MAX_EXPOSURES);
  if (!(first >= 1 && first <= MAX_CANDIDATES))
    issues.push({ path: 'first', message: `must be 1 to ${MAX_CANDIDATES}, not ${first}` });
  const seen = new Set<string>();
  campaigns?.slice(0, MAX_CAMPAIGNS).forEach(({ id, budget, spent, startsAt, endsAt }, index) => {
    const issue = (key: string, message: string) =>
      issues.push({ path: `campaigns.${index}.${key}`, message });
    if (seen.has(id)) issue('id', 'is given twice');
    seen.add(id);
    if (!(budget > 0 && budget < Infinity)) issue('budget', `must be a number above 0, not ${budget}`);
    if (!(spent >= 0 && spent < Infinity)) issue('spent', `must be 0 or more, not ${spent}`);
    if (!(endsAt.getTime() > startsAt.getTime())) issue('endsAt', 'must be after startsAt');
  });
  exposures?.slice(0, MAX_EXPOSURES).forEach(({ hours, count }, index) => {
    const issue = (key: string, message: string) =>
      issues.push({ path: `exposures.${index}.${key}`, message });
    if (hours < 1) issue('hours', `must be 1 or more, not ${hours}`);
    if (count < 0) issue('count', `must be 0 or more, not ${count}`);
  });
  if (issues.length > 0) throw invalid(issues.slice(0, MAX_ISSUES));
}

/** What is wrong with a candidate whatever the model takes. */
export function issuesOfCandidate({ adId, bid }: CandidateAdInput, index: number): Issue[] {
  const issues: Issue[] = [];
  if (adId.length === 0 || adId.length > 200)
    issues.push({ path: `candidates.${index}.adId`, message: 'must have 1 to 200 characters' });
  if (!(bid >= 0 && bid <= MAX_BID))
    issues.push({
      path: `candidates.${index}.bid`,
      message: `must be a number from 0 to ${MAX_BID}, not ${bid}`,
    });
  return issues;
}

export function spendOf({ campaigns }: RankAdsInput): ReadonlyMap<string, Spend> {
  return new Map(campaigns?.map(({ id, ...spend }) => [id, spend]));
}

export function invalid(issues: readonly Issue[]): AppError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new AppError('BAD_USER_INPUT', first ? `${first.path} ${first.message}${more}` : '', issues);
}
