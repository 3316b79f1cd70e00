/** Building, writing and reading ONNX graphs. */
export { apply, applyOne } from './apply';
export { beyondLookups, type BeyondLookups, type Lookup } from './beyond-lookups';
export { Graph } from './graph';
export { GraphError } from './graph-error';
export { liveNodes } from './liveness';
export {
  type Attribute,
  type Attributes,
  type Derivation,
  describeCall,
  type GradientRule,
  named,
  type Node,
  OpCall,
  type OpDefinition,
  type Sample,
  type SampleInput,
} from './op';
export { printGraph } from './print-graph';
export { readModel, type GraphFile, type ModelFile, type NodeFile } from './read-model';
export {
  broadcast,
  type Dim,
  evaluate,
  formatShape,
  product,
  quotient,
  sameShape,
  type Shape,
  staticShape,
} from './shape';
export {
  type ArrayOf,
  type DType,
  ELEMENT_TYPE,
  FLOATS,
  type FloatType,
  isFloat,
  NUMBERS,
  sizeOf,
  type Tensor,
  tensorOf,
  toNumbers,
} from './tensor';
export { type TensorType, Value } from './value';
export { writeModel } from './write-model';
