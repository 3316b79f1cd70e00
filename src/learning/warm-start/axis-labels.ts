import {
  type BagEncoder,
  type CompoundEncoder,
  isBagEncoder,
  isNumbersEncoder,
  numbersKind,
} from '../features/compound';
import { type CategoricalEncoder, type FeatureMap, FIRST_CATEGORY_ID } from '../features/feature-map';
import { columnsOfFeature, columnsOfField } from '../features/numeric-encoding';
import { widthGroups, widthOf } from '../architectures/embed-columns';
import { type ModelConfig, type NetworkConfig } from '../architectures/model-config';

/** The axis of a parameter whose places stand for something of the data, and what each stands for. */
export interface LabelledAxis {
  readonly axis: 0 | 1;
  /** Where else the same places may be: in any parameter of the group. Its own name where there is none. */
  readonly group?: string;
  /** One for each place, no two alike. */
  readonly labels: readonly string[];
}

type Sequence = NonNullable<FeatureMap['sequence']>;
type NumericEncoder = FeatureMap['numeric'][number];
type Categories = Pick<FeatureMap, 'categorical' | 'compound'>;

/**
 * What the places of a network's parameters stand for, by name: rows of a table are categories, rows of a kernel that
 * reads features are columns of these. Parameters that are not named here mean the same whatever the data is.
 *
 * Two networks' places mean the same where their labels are the same. A category's is the same wherever it is in the
 * vocabulary; a bin's as long as there are as many of them.
 */
export function labelledAxes(model: ModelConfig, map: FeatureMap): ReadonlyMap<string, LabelledAxis> {
  const axes = new Map<string, LabelledAxis>();
  if (model.architecture === 'linear') addLinear(axes, map);
  else if (model.memberWeights === 'shared') addMember(axes, 'members', { model, map });
  else
    for (let member = 1; member <= model.members; member += 1)
      addMember(axes, `member${member}`, { model, map });
  return axes;
}

interface Network {
  readonly model: NetworkConfig;
  readonly map: FeatureMap;
}

function addMember(axes: Map<string, LabelledAxis>, path: string, { model, map }: Network): void {
  const { embeddingDimension: dimension } = model;
  const labels = [
    ...numberLabels(map),
    ...addTables(axes, `${path}.categories`, { ...map, dimension }),
    ...(map.sequence ? addHistory(axes, `${path}.history`, { model, sequence: map.sequence }) : []),
  ];
  const isShared = model.memberWeights === 'shared';
  if (model.dense.length > 0) {
    axes.set(`${path}.dense1.kernel`, { axis: 0, labels });
    if (isShared) axes.set(`${path}.dense1.before`, { axis: 1, labels });
  } else axes.set(`${path}.logit.kernel`, { axis: isShared ? 1 : 0, labels });
  axes.set(`${path}.wide.kernel`, { axis: 0, labels });
  if (model.categoryEffects) addTables(axes, `${path}.effects`, { ...map, dimension: 1 });
}

/** @returns what the history's vector is of */
function addHistory(
  axes: Map<string, LabelledAxis>,
  path: string,
  { model, sequence }: { readonly model: NetworkConfig; readonly sequence: Sequence },
): string[] {
  const { embeddingDimension: dimension } = model;
  const events = [...fieldLabels(sequence), ...addTables(axes, `${path}.events`, { ...sequence, dimension })];
  const vector = (what: string, width: number) => places(width, (place) => ['history', what, width, place]);
  switch (model.architecture) {
    case 'bag':
      return events.map((label) => labelOf('mean of events', label));
    case 'transformer': {
      const { width } = model.attention;
      axes.set(`${path}.projection.kernel`, { axis: 0, labels: events });
      axes.set(`${path}.positions.table`, {
        axis: 0,
        labels: places(sequence.maxLength, (step) => ['step', step]),
      });
      return vector(model.architecture, width);
    }
    case 'conv-recurrent': {
      const { kernelSize, dilation } = model.convolution;
      const { cell, units, bidirectional } = model.recurrent;
      axes.set(`${path}.convolution.kernel`, {
        axis: 0,
        labels: Array.from({ length: kernelSize }, (_, tap) => tap).flatMap((tap) =>
          events.map((label) => labelOf(tap, kernelSize, dilation, label)),
        ),
      });
      return vector(cell, units * (bidirectional ? 2 : 1));
    }
  }
}

function addLinear(axes: Map<string, LabelledAxis>, map: FeatureMap): void {
  addTables(axes, 'linear.categories', { ...map, dimension: 1 });
  const labels = numberLabels(map);
  if (map.sequence) {
    const fields = fieldLabels(map.sequence);
    labels.push(labelOf('length of the history'));
    for (const part of ['mean', 'last']) labels.push(...fields.map((label) => labelOf(part, label)));
    for (const part of ['mean', 'last'])
      addTables(axes, `linear.history.${part}`, { ...map.sequence, dimension: 1 });
  }
  axes.set('linear.numbers.kernel', { axis: 0, labels });
}

/** The tables that categories are looked up in. @returns what the numbers side by side are of */
function addTables(
  axes: Map<string, LabelledAxis>,
  path: string,
  {
    categorical,
    compound,
    dimension,
  }: Categories & { readonly dimension: NetworkConfig['embeddingDimension'] },
): string[] {
  const cardinalities = categorical.map(({ vocabulary }) => vocabulary.length + FIRST_CATEGORY_ID);
  // A bag's table is named by its place among the bags, and another feature may have had that.
  const addTable = (name: string, width: number, labels: string[]) =>
    axes.set(`${path}.${name}.table`, { axis: 0, group: `${path} of width ${width}`, labels });
  const vectorOf = (name: string, width: number) => places(width, (place) => ['vector', name, width, place]);
  const ofColumns = widthGroups({ cardinalities, dimension }).flatMap(({ width, columns }) => {
    const encoders = columns.flatMap((column) => categorical[column] ?? []);
    addTable(`width${width}`, width, encoders.flatMap(rowLabels));
    return encoders.flatMap(({ name }) => vectorOf(name, width));
  });
  const ofBags = (compound ?? []).filter(isBagEncoder).flatMap((bag, index) => {
    const width = widthOf(bag.vocabulary.length + FIRST_CATEGORY_ID, dimension);
    addTable(`bag${index + 1}`, width, rowLabels(bag));
    return vectorOf(bag.name, width);
  });
  return [...ofColumns, ...ofBags];
}

/** The reserved ids, and the vocabulary. */
function rowLabels({ name, vocabulary }: CategoricalEncoder | BagEncoder): string[] {
  const reserved = places(FIRST_CATEGORY_ID, (id) => ['reserved', name, id]);
  return [...reserved, ...vocabulary.map((category) => labelOf('category', name, category))];
}

function numberLabels({ numeric, compound }: FeatureMap): string[] {
  return [
    ...numeric.flatMap((encoder) => columnLabels(encoder, columnsOfFeature(encoder))),
    ...compoundNumbers(compound),
  ];
}

function fieldLabels({ numeric, compound }: Sequence): string[] {
  return [
    ...numeric.flatMap((encoder) => columnLabels(encoder, columnsOfField(encoder))),
    ...compoundNumbers(compound),
  ];
}

function columnLabels(encoder: NumericEncoder, count: number): string[] {
  const code = encoder.type === 'cyclic' ? 'cyclic' : (encoder.code?.kind ?? encoder.transform);
  return places(count, (place) => ['number', encoder.name, code, count, place]);
}

function compoundNumbers(compound: readonly CompoundEncoder[] | undefined): string[] {
  return (compound ?? []).filter(isNumbersEncoder).flatMap((encoder) => {
    const width = numbersKind(encoder).encodedWidth(encoder);
    return places(width, (place) => ['numbers', encoder.name, width, place]);
  });
}

const places = (count: number, partsOf: (place: number) => readonly (string | number)[]): string[] =>
  Array.from({ length: count }, (_, place) => labelOf(...partsOf(place)));

const labelOf = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);
