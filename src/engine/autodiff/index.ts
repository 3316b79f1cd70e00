export { withGradient } from './composite';
export { gradients } from './gradients';
