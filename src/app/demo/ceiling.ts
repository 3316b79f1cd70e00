import { type Evaluation, evaluate } from '../../learning/evaluation/evaluate';
import { recommendThreshold } from '../../learning/evaluation/recommended-threshold';
import { AppError } from '../../errors';

interface Part {
  readonly labels: number[];
  readonly truths: number[];
}

/**
 * What a model that knew the generator's true probabilities would reach on the same held-out examples:
 * the Bayes ceiling. Its threshold is chosen as a model's is, on the validation part.
 *
 * @param predictionsCsv a model version's held-out predictions: part, id, label, probability
 * @param truth the generator's true probability of each example, by id
 */
export function bayesCeiling(predictionsCsv: string, truth: ReadonlyMap<string, number>): Evaluation {
  const parts: Record<string, Part> = {
    validation: { labels: [], truths: [] },
    test: { labels: [], truths: [] },
  };
  for (const line of predictionsCsv.trimEnd().split('\n').slice(1)) {
    const [part = '', id = '', label = ''] = line.split(',');
    const probability = truth.get(id);
    if (probability === undefined)
      throw new AppError(
        'INVALID_DATA',
        `the generator knows no example ${id}: the dataset is not this seed's`,
      );
    parts[part]?.labels.push(Number(label));
    parts[part]?.truths.push(probability);
  }
  const [validation, test] = [parts['validation'], parts['test']].map((part) => ({
    labels: Float32Array.from(part?.labels ?? []),
    truths: Float32Array.from(part?.truths ?? []),
  }));
  if (!validation || !test) throw new AppError('INVALID_DATA', 'the held-out predictions are empty');
  return evaluate(test.labels, test.truths, recommendThreshold(validation.labels, validation.truths));
}
