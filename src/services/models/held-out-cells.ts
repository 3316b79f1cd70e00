import { type RateCell } from '../../learning/evaluation/prior-strength';
import { FIELDS, readTestPart } from './held-out-records';

/** Of more cells, those of which most positives were predicted: the others say least. */
const MAX_CELLS = 5000;

/**
 * The examples of the test part by what these features say of them; none where none of the features was kept.
 * @param path of the held-out predictions
 */
export async function heldOutCells(path: string, cellFeatures: readonly string[]): Promise<RateCell[]> {
  const cells = new Map<string, { positives: number; predicted: number; squared: number }>();
  await readTestPart(path, ({ features }) => {
    const places = cellFeatures
      .filter((name) => features.includes(name))
      .map((name) => FIELDS.firstFeature + features.indexOf(name));
    return (fields) => {
      if (places.length === 0) return;
      const key = JSON.stringify(places.map((place) => fields[place] ?? ''));
      let cell = cells.get(key);
      if (!cell) cells.set(key, (cell = { positives: 0, predicted: 0, squared: 0 }));
      const probability = Number(fields[FIELDS.probability]);
      cell.positives += Number(fields[FIELDS.label]);
      cell.predicted += probability;
      cell.squared += probability * probability;
    };
  });
  return [...cells.values()].sort((a, b) => b.predicted - a.predicted).slice(0, MAX_CELLS);
}
