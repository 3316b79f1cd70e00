import { type Value } from '../../onnx';
import { gather } from '../../ops';
import { normal } from '../initializers';
import { type Scope } from '../scope';

/** One trainable row per category: ids […] → […, width]. Ids run 0 … count−1. */
export function embedding(scope: Scope, ids: Value, options: { count: number; width: number }): Value {
  const { count, width } = options;
  const table = scope.parameter('table', [count, width], { initializer: normal(1 / Math.sqrt(width)) });
  return gather(table, ids);
}
