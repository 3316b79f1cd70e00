import { type Graph } from './graph';
import { liveNodes, usedInitializers } from './liveness';
import { type Attribute, type Node } from './op';
import { bytes, float, integer, message, text, type Field } from './protobuf';
import { ELEMENT_TYPE, type Tensor } from './tensor';
import { type TensorType } from './value';

/** Accepted by ONNX Runtime 1.30 and by checkers from ONNX 1.12 on. */
const IR_VERSION = 8;
const OPSET = 17;
const OPSET_ML = 3;

const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7, strings: 8 } as const;

/**
 * A graph as an ONNX model file. Nodes that no output needs are left out.
 *
 * @param metadata free text that travels with the model (`metadata_props`).
 */
export function writeModel(graph: Graph, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const live = liveNodes(graph);
  return Buffer.concat([
    integer(1, IR_VERSION),
    text(2, 'propensity'),
    message(7, graphFields(graph, 'main', live)),
    message(8, [text(1, ''), integer(2, OPSET)]),
    message(8, [text(1, 'ai.onnx.ml'), integer(2, OPSET_ML)]),
    ...Object.entries(metadata).map(([key, value]) => message(14, [text(1, key), text(2, value)])),
  ]);
}

function graphFields(graph: Graph, name: string, live: ReadonlySet<Node>): Field[] {
  return [
    ...graph.nodes.filter((node) => live.has(node)).map((node) => message(1, nodeFields(node, live))),
    text(2, name),
    ...usedInitializers(graph, live).map((value) => message(5, tensorFields(value.name, value.constant))),
    ...graph.inputs.map((value) => message(11, typeFields(value.name, value.type))),
    ...graph.outputs.map((value) => message(12, typeFields(value.name, value.type))),
  ];
}

function nodeFields(node: Node, live: ReadonlySet<Node>): Field[] {
  return [
    ...node.inputs.map((value) => text(1, value?.name ?? '')),
    ...node.outputs.map((value) => text(2, value.name)),
    text(3, `${node.op.opType}_${node.output(0).name}`),
    text(4, node.op.opType),
    ...Object.entries(node.attributes).map(([name, value]) => message(5, attributeFields(name, value, live))),
    ...(node.op.domain ? [text(7, node.op.domain)] : []),
  ];
}

function attributeFields(name: string, attribute: Attribute, live: ReadonlySet<Node>): Field[] {
  const typed = (kind: keyof typeof ATTRIBUTE_TYPE, content: Field[]): Field[] => [
    text(1, name),
    ...content,
    integer(20, ATTRIBUTE_TYPE[kind]),
  ];
  if ('float' in attribute) return typed('float', [float(2, attribute.float)]);
  if ('int' in attribute) return typed('int', [integer(3, attribute.int)]);
  if ('string' in attribute) return typed('string', [text(4, attribute.string)]);
  if ('graph' in attribute) return typed('graph', [message(6, graphFields(attribute.graph, name, live))]);
  if ('floats' in attribute)
    return typed(
      'floats',
      attribute.floats.map((value) => float(7, value)),
    );
  if ('ints' in attribute)
    return typed(
      'ints',
      attribute.ints.map((value) => integer(8, value)),
    );
  return typed(
    'strings',
    attribute.strings.map((value) => text(9, value)),
  );
}

function tensorFields(name: string, tensor: Tensor): Field[] {
  return [
    ...tensor.shape.map((dim) => integer(1, dim)),
    integer(2, ELEMENT_TYPE[tensor.dtype]),
    ...(tensor.dtype === 'string' ? tensor.data.map((value) => text(6, value)) : []),
    text(8, name),
    ...(tensor.dtype === 'string'
      ? []
      : [bytes(9, new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength))]),
  ];
}

function typeFields(name: string, type: TensorType): Field[] {
  const dims = type.shape.map((dim) =>
    message(1, [typeof dim === 'number' ? integer(1, dim) : text(2, dim)]),
  );
  const tensor = message(1, [integer(1, ELEMENT_TYPE[type.dtype]), message(2, dims)]);
  return [text(1, name), message(2, [tensor])];
}
