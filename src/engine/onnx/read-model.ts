import { Message } from './protobuf';
import { type Dim } from './shape';
import { ELEMENT_TYPE, type DType } from './tensor';

/** An ONNX model as found in a file: enough to inspect what was exported. */
export interface ModelFile {
  readonly irVersion: number;
  /** Operator set version by domain; `''` is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: GraphFile;
}

export interface GraphFile {
  readonly name: string;
  readonly nodes: readonly NodeFile[];
  readonly initializers: readonly TensorFile[];
  readonly inputs: readonly TypedName[];
  readonly outputs: readonly TypedName[];
}

export interface NodeFile {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeFile>>;
}

export type AttributeFile = number | string | readonly number[] | readonly string[] | GraphFile;

export interface TypedName {
  readonly name: string;
  readonly dtype: DType | 'other';
  readonly shape: readonly Dim[];
}

export interface TensorFile extends TypedName {
  readonly bytes: number;
}

/** Reads a model file. Throws `RangeError` for bytes that are not one. */
export function readModel(file: Uint8Array): ModelFile {
  const model = new Message(file);
  const graph = model.message(7);
  if (!graph) throw new RangeError('the file holds no ONNX graph');
  return {
    irVersion: model.integer(1),
    opsets: Object.fromEntries(model.messages(8).map((opset) => [opset.text(1), opset.integer(2)])),
    metadata: Object.fromEntries(model.messages(14).map((entry) => [entry.text(1), entry.text(2)])),
    graph: readGraph(graph),
  };
}

function readGraph(graph: Message): GraphFile {
  return {
    name: graph.text(2),
    nodes: graph.messages(1).map((node) => ({
      opType: node.text(4),
      domain: node.text(7),
      inputs: node.texts(1),
      outputs: node.texts(2),
      attributes: Object.fromEntries(
        node.messages(5).map((attribute) => [attribute.text(1), readAttribute(attribute)]),
      ),
    })),
    initializers: graph.messages(5).map((tensor) => ({
      name: tensor.text(8),
      dtype: dtypeOf(tensor.integer(2)),
      shape: tensor.integers(1).map(Number),
      bytes: tensor.bytes(9)[0]?.length ?? tensor.byteLength,
    })),
    inputs: graph.messages(11).map(readTypedName),
    outputs: graph.messages(12).map(readTypedName),
  };
}

function readAttribute(attribute: Message): AttributeFile {
  switch (attribute.integer(20)) {
    case 1:
      return attribute.floats(2)[0] ?? 0;
    case 2:
      return attribute.integer(3);
    case 3:
      return attribute.text(4);
    case 5: {
      const graph = attribute.message(6);
      if (!graph) throw new RangeError(`the attribute ${attribute.text(1)} holds no graph`);
      return readGraph(graph);
    }
    case 6:
      return attribute.floats(7);
    case 7:
      return attribute.integers(8).map(Number);
    case 8:
      return attribute.texts(9);
    default:
      throw new RangeError(`the attribute ${attribute.text(1)} has a type that is not read here`);
  }
}

function readTypedName(value: Message): TypedName {
  const tensor = value.message(2)?.message(1);
  const dims = tensor?.message(2)?.messages(1) ?? [];
  return {
    name: value.text(1),
    dtype: dtypeOf(tensor?.integer(1) ?? 0),
    shape: dims.map((dim) => (dim.has(1) ? dim.integer(1) : dim.text(2))),
  };
}

function dtypeOf(code: number): DType | 'other' {
  const known = Object.entries(ELEMENT_TYPE).find(([, number]) => number === code);
  return known ? (known[0] as DType) : 'other';
}
