import { type Value } from '../../engine/onnx';
import {
  addPositions,
  attentionPooling,
  dense,
  layerNorm,
  meanOverTime,
  type Scope,
  transformerBlock,
} from '../../engine/nn';
import { type EventSequence } from './event-sequence';
import { type ConfigOf } from './model-config';

/**
 * Events projected to the blocks' width, with a trainable vector for each position → pre-norm encoder blocks (Xiong et
 * al. 2020) → a last normalization → pooled over the valid steps: [N, width], zeros where there are no events.
 */
export function transformer(
  scope: Scope,
  { x_TNE, lengths_N, maxLength }: EventSequence,
  { attention, dropout }: ConfigOf<'transformer'>,
): Value {
  const { width, heads, blocks, hidden, pooling } = attention;
  const projected = dense(scope.in('projection'), x_TNE, { units: width });
  let x_TNW = addPositions(scope.in('positions'), projected, { maxLength });
  for (let block = 1; block <= blocks; block += 1)
    x_TNW = transformerBlock(scope.in(`block${block}`), x_TNW, lengths_N, { heads, hidden, dropout });
  const normed_TNW = layerNorm(scope.in('norm'), x_TNW);
  return pooling === 'mean'
    ? meanOverTime(normed_TNW, lengths_N)
    : attentionPooling(scope.in('pooling'), normed_TNW, lengths_N, { units: width });
}
