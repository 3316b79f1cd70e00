import { type Graph } from './graph';
import { liveNodes, usedInitializers } from './liveness';
import { type Attribute, type Node } from './op';
import { formatShape } from './shape';
import { type Value } from './value';

/** A graph as text, one node a line, values numbered in order: stable, for golden files and for reading. */
export function printGraph(graph: Graph): string {
  const live = liveNodes(graph);
  const names = new Map<Value, string>();
  return print(graph, { live, names, indent: '' }).join('\n') + '\n';
}

interface Context {
  readonly live: ReadonlySet<Node>;
  readonly names: Map<Value, string>;
  readonly indent: string;
}

function print(graph: Graph, context: Context): string[] {
  const { live, names, indent } = context;
  const typed = (value: Value): string => `${nameOf(value)}: ${value.dtype}${formatShape(value.shape)}`;
  const nameOf = (value: Value | null): string => {
    if (!value) return '–';
    const known = names.get(value);
    if (known) return known;
    const name = value.producer && !graph.outputs.includes(value) ? `%${names.size}` : value.name;
    names.set(value, name);
    return name;
  };
  for (const value of usedInitializers(graph, live)) {
    const numbers = value.constant.data.length <= 8 ? value.constant.data.join(' ') : '…';
    const isNamed = !/^c\d+$/.test(value.name);
    names.set(value, isNamed ? value.name : `${value.dtype}${formatShape(value.shape)}{${numbers}}`);
  }
  const lines = [`${indent}inputs ${graph.inputs.map(typed).join(', ')}`];
  for (const node of graph.nodes) {
    if (!live.has(node)) continue;
    const inner = Object.values(node.attributes).flatMap((attribute) =>
      'graph' in attribute ? print(attribute.graph, { ...context, indent: `${indent}  ` }) : [],
    );
    const call = `${node.op.opType}(${node.inputs.map(nameOf).join(', ')})${printAttributes(node)}`;
    lines.push(`${indent}${node.outputs.map(typed).join(', ')} = ${call}`, ...inner);
  }
  return [...lines, `${indent}outputs ${graph.outputs.map(nameOf).join(', ')}`];
}

function printAttributes(node: Node): string {
  const entries = Object.entries(node.attributes).filter(([, attribute]) => !('graph' in attribute));
  if (entries.length === 0) return '';
  return ` {${entries.map(([name, attribute]) => `${name}=${printAttribute(attribute)}`).join(', ')}}`;
}

function printAttribute(attribute: Attribute): string {
  if ('int' in attribute) return String(attribute.int);
  if ('float' in attribute) return attribute.float.toPrecision(6);
  if ('string' in attribute) return attribute.string;
  if ('ints' in attribute) return `[${attribute.ints.join()}]`;
  if ('floats' in attribute) return `[${attribute.floats.join()}]`;
  if ('strings' in attribute) return `[${attribute.strings.length} strings]`;
  return 'graph';
}
