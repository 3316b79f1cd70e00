import { type Weights } from '../../engine/nn';
import { type LabelledAxis } from './axis-labels';

/** Weights by name, and what the places of those stand for that depend on the data. */
export interface LabelledWeights {
  readonly weights: Weights;
  readonly axes: ReadonlyMap<string, LabelledAxis>;
}

/** What a network starts from. */
export interface StartingWeights {
  readonly weights: Weights;
  /** How many of its numbers are an earlier network's. */
  readonly taken: number;
  /** Of how many. */
  readonly of: number;
}

/**
 * The freshly drawn weights of a network, with those of an earlier one in their place wherever both stand for the same:
 * parameters of one name and shape, and of those that depend on the data the places with one label. A word that both
 * vocabularies have brings its row, wherever it is in them.
 */
export function carryOver(fresh: LabelledWeights, earlier: LabelledWeights): StartingWeights {
  const sources = placesByLabel(earlier);
  const weights = new Map(fresh.weights);
  let [taken, of] = [0, 0];
  for (const [name, drawn] of fresh.weights) {
    of += drawn.data.length;
    const axis = fresh.axes.get(name);
    if (axis) {
      const data = drawn.data.slice();
      taken += copyPlaces(sources.get(axis.group ?? name), { data, shape: drawn.shape, ...axis });
      weights.set(name, { ...drawn, data });
      continue;
    }
    const former = earlier.weights.get(name);
    if (earlier.axes.has(name) || former?.shape.join() !== drawn.shape.join()) continue;
    taken += drawn.data.length;
    weights.set(name, former);
  }
  return { weights, taken, of };
}

interface Labelled extends LabelledAxis {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A place of a parameter. */
interface Place {
  readonly of: Labelled;
  readonly place: number;
}

/** By group and label. */
function placesByLabel({ weights, axes }: LabelledWeights): Map<string, Map<string, Place>> {
  const groups = new Map<string, Map<string, Place>>();
  for (const [name, axis] of axes) {
    const found = weights.get(name);
    if (!found) continue;
    const group = axis.group ?? name;
    const places = groups.get(group) ?? new Map<string, Place>();
    const of = { ...found, ...axis };
    axis.labels.forEach((label, place) => places.set(label, { of, place }));
    groups.set(group, places);
  }
  return groups;
}

/** @returns how many numbers were copied */
function copyPlaces(sources: ReadonlyMap<string, Place> | undefined, to: Labelled): number {
  const outer = to.axis === 0 ? 1 : (to.shape[0] ?? 0);
  const inner = to.shape.slice(to.axis + 1).reduce((size, dim) => size * dim, 1);
  let copied = 0;
  to.labels.forEach((label, place) => {
    const source = sources?.get(label);
    if (!source || others(source.of) !== others(to)) return;
    const { of: from } = source;
    for (let row = 0; row < outer; row += 1) {
      const start = (row * from.labels.length + source.place) * inner;
      to.data.set(from.data.subarray(start, start + inner), (row * to.labels.length + place) * inner);
    }
    copied += outer * inner;
  });
  return copied;
}

/** The axis and the shape without it. */
function others({ shape, axis }: Labelled): string {
  return `${axis} ${shape.filter((_, index) => index !== axis).join()}`;
}
