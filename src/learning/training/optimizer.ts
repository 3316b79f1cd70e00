import { adam, sgd } from '../../engine/nn';
import { type TrainingRecipe } from '../../engine/training';
import { type ModelConfig } from '../architectures/model-config';

type UpdateRule = Pick<TrainingRecipe<string>, 'optimizer' | 'weightDecay' | 'l2' | 'clipNorm'>;

/** The configured optimizer with its decay, as a training program takes them. */
export function updateRule({ optimizer, l2 }: Pick<ModelConfig, 'optimizer' | 'l2'>): UpdateRule {
  const { clipNorm } = optimizer;
  switch (optimizer.name) {
    case 'adamw':
      return { optimizer: adam(optimizer), weightDecay: l2, clipNorm };
    case 'adam':
      return { optimizer: adam(optimizer), l2, clipNorm };
    case 'sgd':
      return { optimizer: sgd(optimizer), l2, clipNorm };
  }
}
