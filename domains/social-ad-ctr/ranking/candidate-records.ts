import { type Issue } from '../../../src/errors';
import { type ReadInput, readInput } from '../../../src/graphql/prediction/read-input';
import { AppError } from '../../../src/errors';
import { derivedFeatures } from '../../../src/learning/features/derived/read-derived';
import { type FeatureSpec } from '../../../src/learning/features/feature-spec';
import { type HistoryEvent } from '../../../src/learning/features/raw-from-records';
import { type PredictionRecord } from '../../../src/services/prediction/complete-history';
import { invalid, issuesOfCandidate } from './check-request';
import { type RankAdsInput } from './rank-ads-input';

/** Events times candidates, where each candidate needs all of them. */
const MAX_EVENTS_READ = 200_000;

/** A candidate as the model is asked about it, or what is wrong with it. */
export type AskedCandidate =
  | { readonly record?: undefined; readonly issues: readonly Issue[] }
  | {
      readonly issues?: undefined;
      readonly record: PredictionRecord;
      /** The issues of a record, by whom they concern. */
      readonly blame: (issues: readonly Issue[]) => { readonly own: Issue[]; readonly shared: Issue[] };
    };

/**
 * Each candidate with what all of them share. The whole history is read once; beyond that the model needs no more than
 * its latest events, unless it derives features from all of them.
 *
 * @param frequencyOf of ads that the request gives none for; null is not known
 * @throws AppError BAD_USER_INPUT for what is wrong with what they share
 */
export function candidateRecords(
  input: RankAdsInput,
  { spec, at, frequencyOf }: { spec: FeatureSpec; at: Date; frequencyOf: (adId: string) => number | null },
): AskedCandidate[] {
  const { candidates, userId, placement, device, ageBand, features, history } = input;
  const shared = readInput({ at, known: { '': { placement, device, ageBand } }, features, history }, spec);
  const latest = latestOf(shared.record.history, spec);
  if (latest && latest.length * candidates.length > MAX_EVENTS_READ)
    throw invalid([
      {
        path: 'history',
        message: `holds ${latest.length} events, all of which the model reads for each of ${candidates.length} candidates; ${MAX_EVENTS_READ} in all are read at most`,
      },
    ]);
  let isFirst = true;
  return candidates.map((candidate, index) => {
    const { features: extra, category, format, advertiser, targeting, frequency } = candidate;
    const issues = issuesOfCandidate(candidate, index);
    if (issues.length > 0) return { issues };
    const known = {
      category,
      format,
      advertiser,
      targeting,
      frequency: frequency ?? frequencyOf(candidate.adId),
    };
    const place = `candidates.${index}`;
    const own = attempt(place, () => readInput({ known: { [place]: known }, features: extra }, spec));
    if ('issues' in own) return own;
    const record: PredictionRecord = {
      at,
      subjectId: userId,
      features: { ...shared.record.features, ...own.record.features },
      history: isFirst ? shared.record.history : latest,
    };
    isFirst = false;
    return { record, blame: (found) => blame(found, { own, shared, place }) };
  });
}

/** The latest events that the model takes; all of them where it needs them, or where they have no moments. */
function latestOf(
  history: readonly HistoryEvent[] | undefined,
  spec: FeatureSpec,
): readonly HistoryEvent[] | undefined {
  const wanted = spec.sequence?.maxLength ?? 0;
  if (!history || history.length <= wanted || derivedFeatures(spec).length > 0) return history;
  if (history.some(({ at }) => at === undefined || Number.isNaN(at.getTime()))) return history;
  // Sorting is stable: equal moments keep the order given, as when all are read.
  const sorted = [...history].sort((first, second) => Number(first.at) - Number(second.at));
  return sorted.slice(sorted.length - wanted);
}

function attempt(place: string, read: () => ReadInput): ReadInput | { readonly issues: readonly Issue[] } {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'BAD_USER_INPUT') throw error;
    return { issues: error.issues.map(({ path, message }) => ({ path: `${place}.${path}`, message })) };
  }
}

function blame(
  issues: readonly Issue[],
  { own, shared, place }: { own: ReadInput; shared: ReadInput; place: string },
): { own: Issue[]; shared: Issue[] } {
  const found = { own: [] as Issue[], shared: [] as Issue[] };
  for (const { path, message } of issues) {
    const [, name] = /^features\.(.+)$/.exec(path) ?? [];
    if (name !== undefined && Object.hasOwn(own.record.features, name)) {
      const origin = own.pathOf(path);
      found.own.push({ path: origin.startsWith(`${place}.`) ? origin : `${place}.${origin}`, message });
    } else found.shared.push({ path: shared.pathOf(path), message });
  }
  return found;
}
