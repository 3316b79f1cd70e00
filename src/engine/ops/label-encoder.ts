import { applyOne, type OpDefinition, type Value } from '../onnx';

/** Strings looked up in a vocabulary (ai.onnx.ml): keys[i] → values[i], anything else → the default. */
export const LabelEncoder: OpDefinition = {
  opType: 'LabelEncoder',
  domain: 'ai.onnx.ml',
  sinceVersion: 2,
  inferTypes(call) {
    if (call.input(0).dtype !== 'string') call.fail('the input must be strings');
    return [{ dtype: 'int64', shape: call.input(0).shape }];
  },
  gradient: null,
  samples: [],
};

/** @param vocabulary keys with the number of each. @param otherwise the number of everything else. */
export function labelEncoder(x: Value, vocabulary: ReadonlyMap<string, number>, otherwise: number): Value {
  return applyOne(LabelEncoder, [x], {
    keys_strings: { strings: [...vocabulary.keys()] },
    values_int64s: { ints: [...vocabulary.values()] },
    default_int64: { int: otherwise },
  });
}
