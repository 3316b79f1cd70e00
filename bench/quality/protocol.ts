import { type QualitySet } from './quality-set';

/** The specification of one run of a protocol. */
export interface ProtocolRun {
  readonly name: string;
  readonly featureSpec: object;
}

/**
 * The runs of a set's protocol, which its specification's split says: one for each fold, or one where it has none.
 *
 * @param folds instead of as many as the split has
 */
export function protocolRuns(
  { featureSpec }: Pick<QualitySet, 'featureSpec'>,
  folds: number | null,
): ProtocolRun[] {
  const { split } = featureSpec;
  if (split.folds === undefined) return [{ name: 'the one split', featureSpec }];
  const count = folds ?? split.folds;
  return Array.from({ length: count }, (_, fold) => ({
    name: `fold ${fold + 1} of ${count}`,
    featureSpec: { ...featureSpec, split: { ...split, folds: count, fold } },
  }));
}

/** In words. */
export function describeProtocol(
  { featureSpec }: Pick<QualitySet, 'featureSpec'>,
  folds: number | null,
): string {
  const { by, folds: own } = featureSpec.split;
  const how = by === 'stratified' ? by : `by ${by}`;
  return own === undefined ? `one split, ${how}` : `${folds ?? own} folds, ${how}`;
}
