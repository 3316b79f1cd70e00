import { type Tensor, type Value } from '../../engine/onnx';
import {
  abs,
  add,
  and,
  cast,
  concat,
  cos,
  div,
  equal,
  gather,
  greaterOrEqual,
  isNaN,
  less,
  log,
  max,
  min,
  mul,
  not,
  sign,
  sin,
  sub,
  where,
} from '../../engine/ops';
import { type NumberCleaning } from '../features/cleaning';
import { type FeatureMap, type NumericCode, type NumericEncoder } from '../features/feature-map';

type FeatureEncoder = FeatureMap['numeric'][number];

/** Some encoded columns, side by side on the last axis. */
interface Block {
  readonly columns: Value;
  /** Which input each column is of, in ascending order within a block. */
  readonly of: readonly number[];
}

/**
 * The encoded columns of static features, as `writeFeature` writes them: [N, F], null for none.
 *
 * @param inputs raw, [N, 1] each.
 */
export function featureNumbers(inputs: readonly Value[], encoders: readonly FeatureEncoder[]): Value | null {
  const numeric = encoders.map((encoder) => (encoder.type === 'numeric' ? encoder : null));
  return inSpecOrder([
    ...numberBlocks(inputs, numeric, { marksMissing: true }),
    ...cyclicBlocks(inputs, encoders),
  ]);
}

/**
 * The encoded columns of fields of events, as `writeField` writes them: [N, T, S], null for none.
 *
 * @param inputs raw, [N, T, 1] each.
 */
export function fieldNumbers(inputs: readonly Value[], encoders: readonly NumericEncoder[]): Value | null {
  return inSpecOrder(numberBlocks(inputs, encoders, { marksMissing: false }));
}

/** An input's columns stand together, in the order of the blocks. */
function inSpecOrder(blocks: readonly Block[]): Value | null {
  const [first] = blocks;
  if (!first) return null;
  const axis = first.columns.rank - 1;
  const joined = concat(
    blocks.map(({ columns }) => columns),
    axis,
  );
  const of = blocks.flatMap((block) => block.of);
  // Sorting is stable.
  const order = of.map((_, column) => column).sort((a, b) => (of[a] ?? 0) - (of[b] ?? 0));
  return order.every((column, index) => column === index)
    ? joined
    : gather(joined, joined.graph.ints(order), axis);
}

/** @param encoders null for inputs that are no numbers. */
function numberBlocks(
  inputs: readonly Value[],
  encoders: readonly (NumericEncoder | null)[],
  { marksMissing }: { readonly marksMissing: boolean },
): Block[] {
  const plain = pick(inputs, encoders, (encoder) => encoder && !encoder.code);
  const coded = pick(inputs, encoders, (encoder) => encoder?.code);
  const blocks: Block[] = [];
  if (plain) {
    blocks.push({ columns: normalized(plain.raw, plain.encoders), of: plain.of });
    if (marksMissing) blocks.push(missingBlock(plain));
  }
  if (coded) blocks.push(...codeBlocks(coded), missingBlock(coded));
  return blocks;
}

/** Inputs that are encoded alike, joined on the last axis. */
interface Picked {
  readonly raw: Value;
  readonly encoders: readonly NumericEncoder[];
  /** Which input each entry of `raw` is. */
  readonly of: readonly number[];
}

function pick(
  inputs: readonly Value[],
  encoders: readonly (NumericEncoder | null)[],
  wants: (encoder: NumericEncoder | null) => unknown,
): Picked | null {
  const of = encoders.flatMap((encoder, index) => (wants(encoder) ? [index] : []));
  const picked = of.flatMap((index) => inputs[index] ?? []);
  const [first] = picked;
  if (!first) return null;
  const chosen = of.flatMap((index) => encoders[index] ?? []);
  return { raw: cleaned(concat(picked, first.rank - 1), chosen), encoders: chosen, of };
}

/** `cleanNumber`, of one encoder for each entry of the last axis; nothing where none has any. */
function cleaned(raw: Value, encoders: readonly NumericEncoder[]): Value {
  const cleanings = encoders.map(({ cleaning }) => cleaning ?? {});
  const row = (of: (cleaning: NumberCleaning) => number) => constant(raw, cleanings.map(of));
  let value = raw;
  const codes = Math.max(0, ...cleanings.map(({ missing }) => missing?.length ?? 0));
  for (let i = 0; i < codes; i++) {
    // Nothing is equal to NaN.
    const code = row(({ missing }) => missing?.[i] ?? NaN);
    value = where(equal(value, code), NaN, value);
  }
  if (cleanings.some(({ clip }) => clip)) {
    const low = row(({ clip }) => clip?.low ?? -Infinity);
    const high = row(({ clip }) => clip?.high ?? Infinity);
    value = where(isNaN(value), value, min(max(value, low), high));
  }
  if (cleanings.some(({ fill }) => fill !== undefined))
    value = where(
      isNaN(value),
      row(({ fill }) => fill ?? NaN),
      value,
    );
  return value;
}

function missingBlock({ raw, of }: Picked): Block {
  return { columns: cast(isNaN(raw), 'float32'), of };
}

function cyclicBlocks(inputs: readonly Value[], encoders: readonly FeatureEncoder[]): Block[] {
  const of = encoders.flatMap((encoder, index) => (encoder.type === 'cyclic' ? [index] : []));
  if (of.length === 0) return [];
  const raw_NC = concat(
    of.flatMap((index) => inputs[index] ?? []),
    1,
  );
  const turns = encoders.flatMap((encoder) =>
    encoder.type === 'cyclic' ? [(2 * Math.PI) / encoder.period] : [],
  );
  const angle_NC = mul(raw_NC, constant(raw_NC, turns));
  const missing_NC = isNaN(raw_NC);
  return [sin, cos].map((wave) => ({ columns: where(missing_NC, 0, wide(wave, angle_NC)), of }));
}

/** One kind of code after the other; all bins of a kind go through each op together. */
function codeBlocks({ raw, encoders, of }: Picked): Block[] {
  const bins = encoders.flatMap((encoder, index) =>
    encoder.code ? binsOf(encoder.code).map((bin) => ({ ...bin, index })) : [],
  );
  const isLinear = (bin: Bin): boolean => bin.width !== null;
  const block = (some: typeof bins, x: Value, share: (x: Value, bins: readonly Bin[]) => Value): Block[] => {
    if (some.length === 0) return [];
    const repeat = (values: Value) =>
      gather(values, values.graph.ints(some.map(({ index }) => index)), values.rank - 1);
    return [
      {
        columns: where(repeat(isNaN(raw)), 0, share(repeat(x), some)),
        of: some.flatMap(({ index }) => of[index] ?? []),
      },
    ];
  };
  return [
    ...block(
      bins.filter((bin) => !isLinear(bin)),
      raw,
      isInBin,
    ),
    ...block(bins.filter(isLinear), transform(raw, encoders), shareOfBin),
  ];
}

/** [low, high) of raw numbers, or `width` of transformed ones from `low` on; an end that a bin lacks is NaN. */
interface Bin {
  readonly low: number;
  readonly high: number;
  readonly width: number | null;
}

function binsOf(code: NumericCode): Bin[] {
  if (code.kind === 'piecewiseLinear')
    return code.edges.slice(1).map((high, bin) => {
      const low = code.edges[bin] ?? 0;
      return { low, high, width: Math.fround(high - low) };
    });
  return code.starts.map((start, bin) => ({
    low: bin === 0 ? NaN : start,
    high: code.starts[bin + 1] ?? NaN,
    width: null,
  }));
}

/** Nothing is below or above NaN. */
function isInBin(x: Value, bins: readonly Bin[]): Value {
  const low = constant(
    x,
    bins.map((bin) => bin.low),
  );
  const high = constant(
    x,
    bins.map((bin) => bin.high),
  );
  return cast(and(not(less(x, low)), not(greaterOrEqual(x, high))), 'float32');
}

function shareOfBin(x: Value, bins: readonly Bin[]): Value {
  const low = constant(
    x,
    bins.map((bin) => bin.low),
  );
  const width = constant(
    x,
    bins.map((bin) => bin.width ?? 1),
  );
  return min(max(div(sub(x, low), width), 0), 1);
}

/** Transform, impute, clip, standardize; one encoder for each entry of the last axis. */
function normalized(raw: Value, encoders: readonly NumericEncoder[]): Value {
  const constants = (of: (encoder: NumericEncoder) => number) => constant(raw, encoders.map(of));
  const transformed = transform(raw, encoders);
  const imputed = where(
    isNaN(raw),
    constants(({ median }) => median),
    transformed,
  );
  const clipped = min(
    max(
      imputed,
      constants(({ low }) => low),
    ),
    constants(({ high }) => high),
  );
  return div(
    sub(
      clipped,
      constants(({ mean }) => mean),
    ),
    constants(({ std }) => std),
  );
}

function transform(raw: Value, encoders: readonly NumericEncoder[]): Value {
  const isLog = encoders.map((encoder) => encoder.transform === 'log1p');
  if (!isLog.includes(true)) return raw;
  const logarithm = mul(
    sign(raw),
    wide((x) => log(add(x, 1)), abs(raw)),
  );
  if (!isLog.includes(false)) return logarithm;
  const mask: Tensor = {
    dtype: 'bool',
    shape: [encoders.length],
    data: Uint8Array.from(isLog, (log1p) => (log1p ? 1 : 0)),
  };
  return where(raw.graph.constant(mask), logarithm, raw);
}

/**
 * Computes in double precision. In single precision ONNX Runtime's vector loops and their scalar ends differ in the last
 * bit, so that a row's answer would depend on how many rows are beside it.
 */
function wide(op: (x: Value) => Value, x: Value): Value {
  return cast(op(cast(x, 'float64')), 'float32');
}

function constant({ graph }: Value, numbers: readonly number[]): Value {
  return graph.constant({ dtype: 'float32', shape: [numbers.length], data: Float32Array.from(numbers) });
}
