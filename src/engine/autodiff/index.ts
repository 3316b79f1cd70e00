export { withGradient } from './composite';
export { gradients, requireGradients } from './gradients';
