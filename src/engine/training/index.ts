/** Training programs: graphs that take state and batches, and return the state many steps later. */
export { BUFFERS } from './buffers';
export { ForwardProgram, type ForwardRecipe } from './forward-program';
export {
  estimateForward,
  estimateTraining,
  type MemoryEstimate,
  InsufficientMemory,
  requireMemory,
  totalBytes,
  withSharedTables,
} from './memory';
export { ParameterLayout } from './parameter-layout';
export { buildTrainingGraph, type StepInput, tablesByRow, type TrainingRecipe } from './training-graph';
export { type Chunk, type ChunkResult, TrainingProgram } from './training-program';
export { Table } from './table';
export { type TrainingState } from './training-state';
